// Package sandbox is a Microsoft cloud in miniature on one port: an Entra and Bot Framework token service with real RS256
// tokens, the Bot Connector, the parts of Graph that Herald calls, the people who have (or have not) installed the app,
// and the control API that a test or the page (package web) uses to be those people. Plain HTTP and TLS share the port:
// the first byte of a connection decides. Herald knows nothing of it but addresses and a trust root.
//
// It imports nothing of Herald's but the embedded page, and only infra/app and tests may import it.
//
// Start reading at [Cloud] and [New] (cloud.go). Then: people.go (who exists, computed from an index), install.go and
// botclient.go (what Teams sends to the bot), connector.go and conversation.go (what the bot sends to Teams), graph.go,
// tokens.go and entra.go, control.go (the API for tests), faults.go and limits.go (how it misbehaves).
//
// The zero [Options] works: 25 people, nobody installed, everything in memory, no faults, no bot.
//
// # The control API beyond the contract
//
//	GET    /api/users?tenant=&role=&installed=  other tenants by id or domain; filters; "installed" counts the tenant's
//	GET    /api/users/{id}                      {id} is an object id, UPN, mail, proxy address or 29: id everywhere
//	POST   /api/users {"tenant"}                a new person joins;  DELETE /api/users/{id}: a person leaves
//	POST   /api/users/{id}/install {"again"}    again: send the events though it is installed
//	POST   /api/users/{id}/move                 the chat gets a new id; the old one is 404 ConversationNotFound
//	PUT    /api/presence {"availability"}       of everybody at once; what is set for one person later stands above it
//	PUT    /api/users/{id}/timeZone             {"timeZone","mailbox"}: of the client (IANA); the mailbox's own name for it, or "none"
//	PUT    /api/users/{id}/refusals             {"refusals":[Refusal]}: scripted answers of the Connector about this person
//	POST   /api/users/{id}/react {"remove"}     takes a reaction back
//	POST   /api/users/{id}/refresh              the person opens the chat: cards with refresh.userIds ask how they look now
//	POST   /api/install {"tenant"}              502 with "installed", "failed", "errors" when the bot failed
//	GET    /api/permissions, PUT {"User.Read.All":false}
//	GET    /api/token?user=&prompt=true         as Teams asks for the tab; prompt: it may ask the person. Faults.SignIn strikes it
//	DELETE /api/stats                           count anew
//	GET    /api/received?correlation=           who has messages whose X-Ms-Correlation-Id begins so, and when each came
//
// A PUT of faults replaces all of them: what is absent is off. What the bot fails to take is answered 502 "bot_failed", but
// what the person did has happened.
//
// # What it does not model
//
//   - Channels, group chats and meetings: conversations are personal, one per person, with one static id
//     ([Cloud.MoveConversation] exists to break that on purpose). Sessions (supportsSessions) are refused.
//   - Admin policies, app setup policies and activity feed notifications. Of Teams' app catalogue and of installing by Graph there is
//     what concerns Herald's own app.
//   - Azure Bot registration, consent, conditional access; managed identity, certificates and client assertions at the token
//     endpoint: a secret is the only credential, and an assertion is refused by name.
//   - User sign-in (OAuth for users, on-behalf-of). The tab's token is simply handed out.
//   - Message extensions, dialogs, file consent, OAuth cards, suggested actions, messageBack and imBack in Action.Submit
//     (they are delivered as plain submits), typing indicators (accepted, not shown), streaming, mentions, feedback loops.
//   - Automatic refresh of cards (refresh.userIds) but when a chat is opened, and Adaptive Card templating.
//   - Retries by the Bot Framework channel: each event is posted to the bot once, and a failure is reported to the caller.
//   - Most of OData: $filter knows eq, in, and proxyAddresses/any joined by or, over mail, userPrincipalName and id.
//   - Billing by resource units, regional service URLs, throttling by tenant size; Graph throttles by fault, and presence by its
//     documented limit.
//   - A 502, 503 or 500 made by a fault is never accepted behind the scenes; only drop is ambiguous (half of them are), and a
//     caller that hangs up during the latency: its message arrives.
//
// # Where it is kinder than the cloud
//
// An access token from the token endpoint stays good for its lifetime on the machine's clock even when the sandbox's clock
// is moved past its expiry, because an identity library counts on the machine's clock. Set Faults.StrictExpiry to end that.
package sandbox
