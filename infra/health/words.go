package health

import "strings"

// word is what a code means; {names} are the finding's Params. The page says the same in its own languages
// (tab/web/src/i18n/*/health.ts); a test compares the English.
type word struct{ cause, remedy string }

// Checks names what is looked at.
var Checks = map[string]string{
	"configuration":  "Configuration",
	"clock":          "Clock",
	"bot_token":      "Sign-in for the bot",
	"graph_token":    "Sign-in for Microsoft Graph",
	"directory":      "Directory of people",
	"presence":       "Presence",
	"catalog":        "App catalogue",
	"mailbox_zones":  "Time zones of mailboxes",
	"installation":   "Installing the app for people",
	"credential":     "Secret or certificate",
	"public_address": "Public address",
	"app_package":    "App package",
	"database":       "Database",
	"redis":          "Redis",
	"queue":          "Messages waiting",
	"teams":          "Calls from Teams",
	"people":         "People with the app",
	"disk":           "Disk",
}

// Codes are all findings that there can be.
var Codes = map[string]word{
	"config.ok":    {"Herald runs in the mode {mode} with the role {role}.", ""},
	"config.wrong": {"{variable} {problem}.", "To mend it: {remedy}. Then start Herald again."},

	"clock.ok":      {"The clock agrees with Microsoft’s within a minute.", ""},
	"clock.off":     {"The clock differs from Microsoft’s by {seconds} seconds.", "Switch time synchronisation on (NTP). From five minutes on, sign-ins are refused."},
	"clock.wrong":   {"The clock differs from Microsoft’s by {seconds} seconds, so tokens are refused.", "Switch time synchronisation on (NTP), on the host if Herald runs in a container."},
	"clock.unknown": {"Microsoft Entra does not answer, so the clock cannot be compared.", "Let Herald reach Microsoft’s sign-in address over https."},

	"token.ok":                     {"Microsoft Entra accepts Herald’s credential.", ""},
	"token.none":                   {"The Microsoft cloud is simulated in the same process; there is nothing to check from outside.", ""},
	"token.secret_wrong":           {"Microsoft Entra does not know this client secret (AADSTS{number}).", "Put the secret’s value, not its id, into HERALD_APP_SECRET, or make a new secret in the app registration."},
	"token.secret_expired":         {"The client secret has expired (AADSTS{number}).", "Make a new secret in the app registration and put its value into HERALD_APP_SECRET."},
	"token.app_unknown":            {"The application {app} is not known in the organisation {tenant} (AADSTS{number}).", "Check HERALD_APP_ID, and let an administrator of that organisation consent to the app."},
	"token.tenant_unknown":         {"There is no organisation {tenant} (AADSTS{number}).", "Check HERALD_TENANT_ID and HERALD_ALLOWED_TENANTS, and HERALD_CLOUD."},
	"token.certificate_refused":    {"Microsoft Entra does not accept the certificate (AADSTS{number}).", "Upload the certificate of HERALD_APP_CERTIFICATE to the app registration, or point at the one that is there."},
	"token.certificate_unreadable": {"The certificate in {file} cannot be read with its key.", "Give a PEM or PKCS#12 file with certificate and private key, and its password in HERALD_APP_CERTIFICATE_PASSWORD."},
	"token.federation_refused":     {"The app registration does not trust this federated identity (AADSTS{number}).", "Compare issuer, subject and audience of the federated credential in the app registration with the identity that Herald runs as."},
	"token.app_disabled":           {"The application {app} is switched off in the organisation {tenant} (AADSTS{number}).", "Enable it in Microsoft Entra under Enterprise applications, Properties."},
	"token.policy":                 {"A conditional access policy keeps Herald from signing in (AADSTS{number}).", "Exclude the app, or the address that Herald runs at, from that policy for workload identities."},
	"token.no_principal":           {"The service that Herald asks for is not known in the organisation {tenant} (AADSTS{number}).", "Check HERALD_CLOUD, and that the organisation uses Microsoft Teams."},
	"token.refused":                {"Microsoft Entra refuses the credential (AADSTS{number}).", "Look that number up in Microsoft’s list of AADSTS errors; check the ids and the credential."},
	"token.unreachable":            {"No token could be had: Microsoft Entra, or the managed identity, does not answer.", "Let Herald reach Microsoft’s sign-in address over https, or check that the managed identity is assigned to this machine."},

	"directory.ok":        {"People can be looked up ({permission}).", ""},
	"directory.denied":    {"The permission {permission} is missing in the organisation {tenant}: audiences hold only people whom the bot has met.", "Add the application permission in the app registration and let an administrator consent to it."},
	"presence.ok":         {"Presence can be read ({permission}).", ""},
	"presence.denied":     {"The optional permission {permission} is missing: campaigns within a window cannot wait until people are there.", "Add the application permission if you want that, and let an administrator consent to it."},
	"zones.ok":            {"Time zones of mailboxes can be read ({permission}).", ""},
	"zones.denied":        {"The optional permission {permission} is missing: for each person’s own time zone Herald goes by what their Teams tells it, else by the campaign’s.", "Add the application permission if you want that, and let an administrator consent to it."},
	"installation.ok":     {"The app can be installed for people ({permission}).", ""},
	"installation.denied": {"The optional permission {permission} is missing: Herald cannot install itself for people.", "Install the app with a setup policy, or add the application permission and let an administrator consent to it."},
	"catalog.ok":          {"The app is in the organisation’s app catalogue ({permission}).", ""},
	"catalog.missing":     {"The app {app} is not in the app catalogue of the organisation {tenant}: Herald cannot install itself for people.", "Upload the app package in the Teams admin center under Manage apps."},
	"catalog.denied":      {"The optional permission {permission} is missing: Herald cannot find itself in the app catalogue, and so cannot install itself for people.", "Install the app with a setup policy, or add the application permission and let an administrator consent to it."},
	"graph.unreachable":   {"Microsoft Graph does not answer.", "Let Herald reach Microsoft Graph over https; look at Microsoft’s service health."},
	"graph.unauthorized":  {"Microsoft Graph does not accept Herald’s token for the organisation {tenant}.", "Check HERALD_CLOUD, and let an administrator of that organisation consent to the app."},
	"graph.throttled":     {"Microsoft Graph asks Herald to slow down.", "Wait a few minutes. If it stays, see what else uses the same app registration."},
	"graph.failed":        {"Microsoft Graph answered with the status {status}.", "Try again in a moment; look at Microsoft’s service health."},

	"credential.lasting":     {"Herald signs in as an identity whose keys Microsoft renews; nothing can expire.", ""},
	"secret.ok":              {"The client secret is good until {date} (days left: {days}).", ""},
	"secret.soon":            {"The client secret ends on {date} (days left: {days}).", "Make a new secret in the app registration now, put it into HERALD_APP_SECRET and start Herald again. A federated credential needs no renewal."},
	"secret.over":            {"The client secret ended on {date}.", "Make a new secret in the app registration, put it into HERALD_APP_SECRET and start Herald again."},
	"secret.unknown":         {"When the client secret ends is not known: Herald may not read its own registration.", "Note the date from the app registration, or grant Application.Read.All."},
	"certificate.ok":         {"The certificate is good until {date} (days left: {days}).", ""},
	"certificate.soon":       {"The certificate ends on {date} (days left: {days}).", "Upload a new certificate to the app registration, and then point HERALD_APP_CERTIFICATE at it."},
	"certificate.over":       {"The certificate ended on {date}.", "Upload a new certificate to the app registration, and point HERALD_APP_CERTIFICATE at it."},
	"certificate.unreadable": {"The certificate in {file} cannot be read.", "Give a PEM or PKCS#12 file with certificate and private key, and its password in HERALD_APP_CERTIFICATE_PASSWORD."},
	"token_file.ok":          {"The federated token is there and has not run out.", ""},
	"token_file.over":        {"The federated token in {file} has run out.", "See why the platform no longer renews it; it should be written anew every hour or so."},
	"token_file.unreadable":  {"The federated token in {file} cannot be read.", "Point HERALD_FEDERATED_TOKEN_FILE at the file that the platform writes, and let Herald read it."},

	"public.ok":          {"{url} answers, and it is this app.", ""},
	"public.local":       {"No public address is set; Herald is used on this machine only.", ""},
	"public.dns":         {"The name in {url} is not known.", "Make the DNS record, or correct HERALD_PUBLIC_URL."},
	"public.certificate": {"The certificate at {url} is not valid for it.", "Give the proxy a certificate of a public authority for this name, with its intermediate certificates."},
	"public.unreachable": {"{url} does not answer.", "See that Herald and the proxy in front of it run, and that a firewall lets https through."},
	"public.gateway":     {"A proxy answers at {url} with the status {status}, and does not reach Herald.", "Let the proxy pass everything on to HERALD_ADDR, and see that Herald runs."},
	"public.other":       {"Something else than Herald answers at {url} (status {status}).", "Let the proxy pass every path on to Herald, without a sign-in of its own."},
	"public.other_app":   {"The Herald at {url} is another one: it serves the app {app} and not {expected}.", "Correct HERALD_PUBLIC_URL or HERALD_APP_ID, or where the proxy leads."},

	"package.ok":               {"The app package fits the public address.", ""},
	"package.refused":          {"Teams would refuse the app package: {field} {problem}", "Correct HERALD_PUBLIC_URL, and make the package anew."},
	"package.unreadable":       {"{file} is no Teams app package.", "Give the file that herald package wrote."},
	"package.other_address":    {"The app package leads to {host}, and HERALD_PUBLIC_URL to {expected}.", "Make the package anew with a higher version and upload it, or correct HERALD_PUBLIC_URL."},
	"package.other_app":        {"The app package is for the app {app}, and HERALD_APP_ID is {expected}.", "Make the package anew, or correct HERALD_APP_ID."},
	"package.opened_elsewhere": {"Teams opened Herald at {host}, and HERALD_PUBLIC_URL says {expected}.", "Upload a package made with the present address, or let the proxy pass the Host header on."},

	"database.ok":          {"{kind} answers, and its schema is this version’s.", ""},
	"database.new":         {"{kind}: there is none yet; it is made when Herald starts.", ""},
	"database.unreachable": {"{kind} does not answer.", "Check HERALD_DATABASE_URL and HERALD_DATA_DIR, the password, and that the server runs and lets Herald in."},
	"database.behind":      {"{kind} lacks changes of this version (migrations: {n}).", "Start Herald: it makes them. If it has started, read its log."},
	"database.ahead":       {"{kind} has changes that this version does not know (migrations: {n}): a newer Herald has been here.", "Update this process too."},

	"redis.ok":          {"Redis {version} answers and is set up well.", ""},
	"redis.embedded":    {"Redis is embedded in the process.", ""},
	"redis.unreachable": {"Redis does not answer.", "Check HERALD_REDIS_URL, and that the server runs and lets Herald in."},
	"redis.refused":     {"Redis refuses the password.", "Correct user and password in HERALD_REDIS_URL."},
	"redis.old":         {"Redis {version} is too old.", "Update it: Herald needs Redis 5 or newer."},
	"redis.policy":      {"Redis may throw away waiting messages when its memory is full (maxmemory-policy {policy}).", "Set maxmemory-policy to noeviction."},
	"redis.persistence": {"Redis keeps nothing on disk: after its restart everything is read from the database again, and sending pauses for a moment.", "Set appendonly yes and appendfsync everysec."},

	"queue.ok":      {"Nothing is late.", ""},
	"queue.inside":  {"Only the running service knows; its health page shows it.", ""},
	"queue.late":    {"Messages are late: {n} are due, the oldest for {minutes} minutes.", "That is normal while a large campaign is sent at the set rate. If nothing moves, see whether the workers run."},
	"queue.stuck":   {"Messages do not leave: {n} are due, the oldest for {minutes} minutes.", "See whether a process with HERALD_ROLE=worker or all runs, and what its log says."},
	"queue.paused":  {"Sending pauses for {seconds} seconds: Teams asked for it, or does not answer.", "Nothing: it goes on by itself. If it stays, look at Microsoft’s service health."},
	"queue.unknown": {"Redis does not say how the messages stand.", "Check Redis first."},

	"inbound.ok":      {"Last call of Teams to the bot: {at}.", ""},
	"inbound.never":   {"Teams has never called the bot.", "Check the bot’s messaging endpoint (the public address with /api/messages), its Teams channel, and that somebody has installed the app."},
	"inbound.silent":  {"Teams last called the bot {days} days ago.", "If people use the app, check the bot’s messaging endpoint and what the proxy’s log says of /api/messages."},
	"inbound.unknown": {"When Teams last called the bot is not known, because the database does not say.", ""},

	"people.ok":   {"People with the app: {n}.", ""},
	"people.none": {"Nobody has the app yet, so nobody can be written to.", "Upload the app package and install it for people with a setup policy."},

	"disk.ok":       {"Free in {dir}: {free} GiB.", ""},
	"disk.low":      {"Only {free} GiB are free in {dir}.", "Make room before it is full: the database would stop."},
	"disk.full":     {"The disk of {dir} is full ({free} GiB free).", "Make room now: nothing can be stored any more."},
	"disk.readonly": {"Nothing can be written to {dir}.", "Mount the folder writable and give it to the user that Herald runs as."},
	"disk.missing":  {"There is no folder {dir} yet; it is made when Herald starts.", "If Herald has started already, see whether HERALD_DATA_DIR names the same folder here."},
	"disk.unknown":  {"How much room there is in {dir} is not known on this system.", ""},
}

// Words puts a finding into English.
func Words(f Finding) (what, cause, remedy string) {
	var pairs []string
	for name, value := range f.Params {
		pairs = append(pairs, "{"+name+"}", value)
	}
	fill := strings.NewReplacer(pairs...)
	w := Codes[f.Code]
	return Checks[f.Check], fill.Replace(w.cause), fill.Replace(w.remedy)
}
