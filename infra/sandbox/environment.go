package sandbox

// Environment is all that a Herald needs to know to use this cloud instead of the real one.
type Environment struct {
	AppID          string   `json:"appId"`
	AppSecret      string   `json:"appSecret"`
	TenantID       string   `json:"tenantId"`
	AllowedTenants []string `json:"allowedTenants"`
	CAPEM          string   `json:"caPem"`
	AuthorityHost  string   `json:"authorityHost"`
	BotMetadataURL string   `json:"botMetadataUrl"`
	BotIssuer      string   `json:"botIssuer"`
	BotScope       string   `json:"botScope"`
	ServiceURL     string   `json:"serviceUrl"`
	ServiceHosts   []string `json:"serviceHosts"`
	GraphURL       string   `json:"graphUrl"`
	GraphScope     string   `json:"graphScope"`
	TabOrigin      string   `json:"tabOrigin"` // of the page that frames the tab
	ClockURL       string   `json:"clockUrl"`
}

// Environment answers the addresses and trust roots of a started cloud.
func (c *Cloud) Environment() Environment {
	e := Environment{
		AppID: AppID, AppSecret: AppSecret, TenantID: TenantContoso, CAPEM: c.keys.caPEM(),
		AuthorityHost:  c.TLSURL() + "/",
		BotMetadataURL: c.TLSURL() + "/botframework/v1/.well-known/openidconfiguration",
		BotIssuer:      BotIssuer, BotScope: botScope, ServiceURL: c.ServiceURL(), ServiceHosts: []string{c.host},
		GraphURL: c.graphURL(""), GraphScope: graphScope, TabOrigin: c.URL(), ClockURL: c.URL() + "/api/clock",
	}
	for _, t := range c.dir.tenants {
		if t.allowed {
			e.AllowedTenants = append(e.AllowedTenants, t.id)
		}
	}
	return e
}
