// Package manifest makes the Teams app package: the zip that an admin uploads
// to Teams so that people can install Herald. It holds the typed manifest, its
// languages, the app's icons, and the two public pages (privacy, terms) that
// the manifest must name.
//
// It imports nothing of Herald's, so that a package can be built without a
// database or a network. Start at Build, then WritePackage.
package manifest

// The manifest's version and schema. Microsoft's schema refuses unknown keys,
// and so the version here and the fields below belong together.
const (
	SchemaVersion = "1.30"
	schemaURL     = "https://developer.microsoft.com/json-schemas/teams/v1.30/MicrosoftTeams.schema.json"
	languageURL   = "https://developer.microsoft.com/json-schemas/teams/v1.30/MicrosoftTeams.Localization.schema.json"
)

// TabEntityID names the tab in deep links:
// https://teams.microsoft.com/l/entity/{app id}/campaigns.
const TabEntityID = "campaigns"

// Manifest is manifest.json, as far as Herald uses version 1.30 of it.
type Manifest struct {
	Schema          string       `json:"$schema"`
	ManifestVersion string       `json:"manifestVersion"`
	Version         string       `json:"version"`
	ID              string       `json:"id"`
	Developer       Developer    `json:"developer"`
	Localization    Localization `json:"localizationInfo"`
	Name            Name         `json:"name"`
	Description     Description  `json:"description"`
	Icons           Icons        `json:"icons"`
	AccentColor     string       `json:"accentColor"`

	Bots       []Bot       `json:"bots"`
	StaticTabs []StaticTab `json:"staticTabs"`

	ValidDomains        []string       `json:"validDomains"`
	WebApplicationInfo  WebApplication `json:"webApplicationInfo"`
	Authorization       Authorization  `json:"authorization"`
	DefaultInstallScope string         `json:"defaultInstallScope"`
}

// Developer is who stands behind the app, as Teams shows it before installing.
type Developer struct {
	Name       string `json:"name"` // at most 32 characters
	WebsiteURL string `json:"websiteUrl"`
	PrivacyURL string `json:"privacyUrl"`
	TermsURL   string `json:"termsOfUseUrl"`
}

// Localization names the language of manifest.json and the files of the others.
type Localization struct {
	DefaultLanguageTag  string         `json:"defaultLanguageTag"`
	AdditionalLanguages []LanguageFile `json:"additionalLanguages"`
}

// LanguageFile is one more language, in a file at the root of the zip.
type LanguageFile struct {
	LanguageTag string `json:"languageTag"`
	File        string `json:"file"`
}

// Name is the app's name: at most 30 and 100 characters.
type Name struct {
	Short string `json:"short"`
	Full  string `json:"full"`
}

// Description says what the app does: at most 80 and 4000 characters.
type Description struct {
	Short string `json:"short"`
	Full  string `json:"full"`
}

// Icons are file names in the zip.
type Icons struct {
	Color      string `json:"color"`                // 192×192, full bleed
	Outline    string `json:"outline"`              // 32×32, pure white on transparent
	Color32x32 string `json:"color32x32,omitempty"` // 32×32, colour on transparent
}

// Bot is the bot of the app; Teams allows one.
type Bot struct {
	ID     string   `json:"botId"`
	Scopes []string `json:"scopes"`
	// IsNotificationOnly stays false: it would take the compose box away, and
	// with it the answers to surveys that people write.
	IsNotificationOnly bool          `json:"isNotificationOnly"`
	SupportsFiles      bool          `json:"supportsFiles"`
	CommandLists       []CommandList `json:"commandLists"`
}

// CommandList is the menu over the compose box, for some scopes.
type CommandList struct {
	Scopes   []string  `json:"scopes"`
	Commands []Command `json:"commands"`
}

// Command is one entry of that menu. Its title is what choosing it writes.
type Command struct {
	Title       string `json:"title"`
	Description string `json:"description"`
}

// StaticTab is a page inside Teams that everybody with the app has.
type StaticTab struct {
	EntityID   string   `json:"entityId"`
	Name       string   `json:"name"`
	ContentURL string   `json:"contentUrl"`
	WebsiteURL string   `json:"websiteUrl"`
	Scopes     []string `json:"scopes"`
}

// WebApplication ties the app to its Entra registration: the tab's single
// sign-on asks for a token for Resource, the registration's App ID URI.
type WebApplication struct {
	ID       string `json:"id"`
	Resource string `json:"resource"`
}

// Authorization lists the resource-specific consent that installing grants.
type Authorization struct {
	Permissions Permissions `json:"permissions"`
}

// Permissions of Authorization.
type Permissions struct {
	ResourceSpecific []ResourcePermission `json:"resourceSpecific"`
}

// ResourcePermission is one permission on the one chat, team or person that
// the app is installed for.
type ResourcePermission struct {
	Name string `json:"name"`
	Type string `json:"type"` // Application or Delegated
}

// Build makes the manifest for cfg. When cfg breaks rules, the error is an
// *InvalidError that lists every one of them.
func Build(cfg Config) (Manifest, error) {
	cfg = cfg.withDefaults()
	site, err := cfg.check()
	if err != nil {
		return Manifest{}, err
	}
	icons := Icons{Color: colorFile, Outline: outlineFile, Color32x32: color32File}
	if cfg.ColorIcon != nil {
		icons.Color32x32 = ""
	}
	personal := []string{"personal"}
	tab := site.url("/tab/")
	return Manifest{
		Schema:          schemaURL,
		ManifestVersion: SchemaVersion,
		Version:         cfg.Version,
		ID:              cfg.ManifestID,
		Developer: Developer{
			Name:       cfg.Developer,
			WebsiteURL: site.url("/about/"),
			PrivacyURL: site.url("/about/privacy"),
			TermsURL:   site.url("/about/terms"),
		},
		Localization: Localization{
			DefaultLanguageTag:  english.tag,
			AdditionalLanguages: []LanguageFile{{LanguageTag: french.tag, File: french.file()}},
		},
		Name:        Name{Short: cfg.Name, Full: english.fullName(cfg.Name)},
		Description: Description{Short: english.short, Full: english.full(cfg.Name)},
		Icons:       icons,
		AccentColor: cfg.AccentColor,
		Bots: []Bot{{
			ID:           cfg.BotID,
			Scopes:       personal,
			CommandLists: []CommandList{{Scopes: personal, Commands: english.commands}},
		}},
		StaticTabs: []StaticTab{{
			EntityID:   TabEntityID,
			Name:       english.tab,
			ContentURL: tab,
			WebsiteURL: tab,
			Scopes:     personal,
		}},
		ValidDomains: site.domains(cfg.Domains),
		WebApplicationInfo: WebApplication{
			ID: cfg.AppID,
			// The form of an App ID URI for an app whose tab and bot share one
			// registration (platform.md §7); the host is lower case there.
			Resource: "api://" + site.host + "/botid-" + cfg.AppID,
		},
		Authorization: Authorization{Permissions{ResourceSpecific: []ResourcePermission{
			// Read receipts reach the bot as events in one-to-one chats with
			// this permission (platform.md §6).
			{Name: "ChatMessageReadReceipt.Read.Chat", Type: "Application"},
		}}},
		DefaultInstallScope: "personal",
	}, nil
}
