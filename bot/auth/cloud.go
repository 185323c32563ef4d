package auth

import (
	"fmt"
	"strings"
)

// Cloud is what differs between Microsoft's clouds for a bot: who signs its
// inbound tokens, and where it gets its outbound ones. The values are those of
// the Teams SDK's CloudEnvironment (platform.md §3).
type Cloud struct {
	Name          string
	Issuer        string // iss of inbound tokens
	MetadataURL   string // OpenID Connect metadata of that issuer
	Scope         string // for outbound tokens
	AuthorityHost string // Entra
	BotTenant     string // where legacy multi-tenant bots log in; others use their own tenant
}

// The clouds there are. GCC uses the public cloud's identity and differs only in
// its service URL (platform.md §3), DoD uses GCC High's.
var (
	Public = Cloud{
		Name:          "public",
		Issuer:        "https://api.botframework.com",
		MetadataURL:   "https://login.botframework.com/v1/.well-known/openidconfiguration",
		Scope:         "https://api.botframework.com/.default",
		AuthorityHost: "https://login.microsoftonline.com/",
		BotTenant:     "botframework.com",
	}
	GCC     = named(Public, "gcc")
	GCCHigh = Cloud{
		Name:          "gcchigh",
		Issuer:        "https://api.botframework.us",
		MetadataURL:   "https://login.botframework.azure.us/v1/.well-known/openidconfiguration",
		Scope:         "https://api.botframework.us/.default",
		AuthorityHost: "https://login.microsoftonline.us/",
		BotTenant:     "MicrosoftServices.onmicrosoft.us",
	}
	DoD   = named(GCCHigh, "dod")
	China = Cloud{
		Name:          "china",
		Issuer:        "https://api.botframework.azure.cn",
		MetadataURL:   "https://login.botframework.azure.cn/v1/.well-known/openidconfiguration",
		Scope:         "https://api.botframework.azure.cn/.default",
		AuthorityHost: "https://login.partner.microsoftonline.cn/",
		BotTenant:     "microsoftservices.partner.onmschina.cn",
	}
)

// CloudNamed finds a cloud by the name that configuration uses: public, gcc,
// gcchigh, dod, china.
func CloudNamed(name string) (Cloud, error) {
	clouds := []Cloud{Public, GCC, GCCHigh, DoD, China}
	known := make([]string, len(clouds))
	for i, c := range clouds {
		if strings.EqualFold(c.Name, name) {
			return c, nil
		}
		known[i] = c.Name
	}
	return Cloud{}, fmt.Errorf("no Microsoft cloud is called %q; known are %s", name, strings.Join(known, ", "))
}

func named(c Cloud, name string) Cloud {
	c.Name = name
	return c
}
