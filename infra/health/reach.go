package health

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// publicURL opens the address that Teams uses, as anybody may, and looks who answers. Names are resolved and certificates
// checked as on this machine: a firewall between the internet and Herald is not seen from here.
func (s *Subject) publicURL(ctx context.Context) []Finding {
	const check = "public_address"
	if s.PublicURL == "" {
		return one(check, "public.local", OK)
	}
	params := []string{"url", s.PublicURL}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.PublicURL+"/tab/config.json", nil)
	if err != nil {
		return one(check, "public.unreachable", Problem, params...)
	}
	// Of its own: what the sandbox's certificates are trusted for is no business of this address.
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{Proxy: http.ProxyFromEnvironment}}
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		return one(check, whyUnreachable(err), Problem, params...)
	}
	defer response.Body.Close()
	var at struct {
		AppID string `json:"appId"`
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	params = append(params, "status", strconv.Itoa(response.StatusCode))
	switch {
	case response.StatusCode >= 500:
		return one(check, "public.gateway", Problem, params...)
	case err != nil || response.StatusCode != http.StatusOK || json.Unmarshal(body, &at) != nil || at.AppID == "":
		return one(check, "public.other", Problem, params...)
	case s.AppID != "" && !strings.EqualFold(at.AppID, s.AppID):
		return one(check, "public.other_app", Problem, append(params, "app", at.AppID, "expected", s.AppID)...)
	}
	return one(check, "public.ok", OK, params...)
}

func whyUnreachable(err error) string {
	var dns *net.DNSError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &dns):
		return "public.dns"
	case errors.As(err, &certificate), errors.As(err, &unknown), errors.As(err, &name), errors.As(err, &invalid), errors.As(err, &record):
		return "public.certificate"
	}
	return "public.unreachable"
}

// manifest compares the public address with what Teams was told: by the package that is looked at, or, in the service
// itself, by the address at which Teams opened the page.
func (s *Subject) manifest(ctx context.Context) (out []Finding) {
	const check = "app_package"
	if field, problem := s.Packaged(); field != "" {
		return one(check, "package.refused", Problem, "field", field, "problem", problem)
	}
	host := hostOf(s.PublicURL)
	if s.Package != nil {
		facts, err := s.Package()
		switch {
		case err != nil:
			return one(check, "package.unreadable", Problem, "file", facts.File)
		case host != "" && facts.Host != host:
			return one(check, "package.other_address", Problem, "host", facts.Host, "expected", host)
		case s.AppID != "" && !strings.EqualFold(facts.AppID, s.AppID):
			return one(check, "package.other_app", Problem, "app", facts.AppID, "expected", s.AppID)
		}
		return one(check, "package.ok", OK, "host", facts.Host)
	}
	if s.Inbound != nil && host != "" {
		for _, tenant := range s.Tenants {
			// Behind a proxy that names another host nothing can be said; that is why it only warns.
			if seen, err := s.Inbound(ctx, tenant); err == nil && seen.Host != "" && seen.Host != host {
				return one(check, "package.opened_elsewhere", Warning, "host", seen.Host, "expected", host)
			}
		}
	}
	return one(check, "package.ok", OK, "host", host)
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}
