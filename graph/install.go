package graph

import (
	"context"
	"net/http"
	"strings"

	"github.com/microsoftgraph/msgraph-sdk-go/appcatalogs"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"herald/campaigns"
)

const (
	catalogPermission = "AppCatalog.Read.All"
	// installPermission reaches this app's own installations and no others.
	installPermission = "TeamsAppInstallation.ReadWriteSelfForUser.All"
)

// Apps is campaigns.Apps on Microsoft Graph. Each method is one request and names the application permission that it needs.
type Apps struct {
	*Directory
	// ManifestID is the app's id in its package, which the catalogue knows as its external id.
	ManifestID string
}

var _ campaigns.Apps = (*Apps)(nil)

// CatalogID implements campaigns.Apps: the id in the organisation's catalogue is another one than the package's.
func (a *Apps) CatalogID(ctx context.Context, tenantID string) (string, error) {
	const op = "find the app in the catalogue"
	adapter, parameters, err := a.adapter(tenantID)
	if err != nil {
		return "", err
	}
	page, err := appcatalogs.NewAppCatalogsRequestBuilderInternal(parameters, adapter).TeamsApps().Get(ctx, &appcatalogs.TeamsAppsRequestBuilderGetRequestConfiguration{
		QueryParameters: &appcatalogs.TeamsAppsRequestBuilderGetQueryParameters{Filter: ptr("externalId eq '" + a.ManifestID + "'"), Select: []string{"id", "externalId"}},
	})
	if err != nil {
		return "", a.failFor(ctx, op, tenantID, catalogPermission, err)
	}
	if page == nil {
		return "", broken(op, "the answer is empty")
	}
	for _, app := range page.GetValue() {
		if app != nil && text(app.GetId()) != "" {
			return text(app.GetId()), nil
		}
	}
	return "", campaigns.Errorf(campaigns.CodeNotFound, string(campaigns.AppNotPublished), "The app is not in your organisation's app catalogue.")
}

// MayInstall implements campaigns.Apps by looking at what of this app somebody has.
func (a *Apps) MayInstall(ctx context.Context, tenantID, personID string) error {
	const op = "look at a person's app"
	builder, err := a.users(tenantID)
	if err != nil {
		return err
	}
	_, err = builder.ByUserId(personID).Teamwork().InstalledApps().Get(ctx, &users.ItemTeamworkInstalledAppsRequestBuilderGetRequestConfiguration{
		QueryParameters: &users.ItemTeamworkInstalledAppsRequestBuilderGetQueryParameters{Top: ptr(int32(1))},
	})
	if err == nil || absent(err) { // Graph has looked for the person
		return nil
	}
	return a.failFor(ctx, op, tenantID, installPermission, err)
}

// InstallApp implements campaigns.Apps.
func (a *Apps) InstallApp(ctx context.Context, tenantID, catalogID, personID string) (already bool, err error) {
	const op = "install the app for a person"
	builder, err := a.users(tenantID)
	if err != nil {
		return false, err
	}
	body := models.NewUserScopeTeamsAppInstallation()
	body.SetAdditionalData(map[string]any{"teamsApp@odata.bind": a.base.String() + "/appCatalogs/teamsApps/" + catalogID})
	_, err = builder.ByUserId(personID).Teamwork().InstalledApps().Post(ctx, body, nil)
	if err == nil {
		return false, nil
	}
	if refusal := answerOf(err); refusal != nil {
		switch refusal.status {
		case http.StatusConflict:
			return true, nil
		case http.StatusBadRequest:
			a.log.WarnContext(ctx, "graph: "+op, "tenant", tenantID, "err", refusal)
			return false, &campaigns.Error{Code: campaigns.CodeInvalid, Reason: "graph_refused", Message: "Microsoft Graph does not install the app for this person.", Err: refusal}
		}
	}
	return false, a.failFor(ctx, op, tenantID, installPermission, err)
}

// AppOf implements campaigns.Apps.
func (a *Apps) AppOf(ctx context.Context, tenantID, catalogID, personID string) (string, error) {
	const op = "find a person's app"
	builder, err := a.users(tenantID)
	if err != nil {
		return "", err
	}
	page, err := builder.ByUserId(personID).Teamwork().InstalledApps().Get(ctx, &users.ItemTeamworkInstalledAppsRequestBuilderGetRequestConfiguration{
		QueryParameters: &users.ItemTeamworkInstalledAppsRequestBuilderGetQueryParameters{
			Expand: []string{"teamsApp"},
			Filter: ptr("teamsApp/id eq '" + strings.ReplaceAll(catalogID, "'", "''") + "'"), // OData doubles the quotes in a string literal
		},
	})
	if err != nil {
		return "", a.failFor(ctx, op, tenantID, installPermission, err)
	}
	if page == nil {
		return "", broken(op, "the answer is empty")
	}
	for _, installation := range page.GetValue() {
		// Asked for or not, another app's chat would be the wrong one.
		if installation != nil && text(installation.GetId()) != "" && installation.GetTeamsApp() != nil && strings.EqualFold(text(installation.GetTeamsApp().GetId()), catalogID) {
			return text(installation.GetId()), nil
		}
	}
	return "", campaigns.Errorf(campaigns.CodeNotFound, "no_app", "This person does not have the app.")
}

// ChatOf implements campaigns.Apps.
func (a *Apps) ChatOf(ctx context.Context, tenantID, personID, installationID string) (string, error) {
	const op = "find a person's chat"
	builder, err := a.users(tenantID)
	if err != nil {
		return "", err
	}
	chat, err := builder.ByUserId(personID).Teamwork().InstalledApps().ByUserScopeTeamsAppInstallationId(installationID).Chat().Get(ctx, &users.ItemTeamworkInstalledAppsItemChatRequestBuilderGetRequestConfiguration{
		QueryParameters: &users.ItemTeamworkInstalledAppsItemChatRequestBuilderGetQueryParameters{Select: []string{"id"}},
	})
	if err != nil {
		return "", a.failFor(ctx, op, tenantID, installPermission, err)
	}
	if chat == nil || text(chat.GetId()) == "" {
		return "", broken(op, "the answer names no chat")
	}
	return text(chat.GetId()), nil
}
