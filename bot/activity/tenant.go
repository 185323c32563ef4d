package activity

// SetTenant overrides the tenant that the activity names. Only the playground may:
// its local client belongs to no tenant.
func (in *Inbound) SetTenant(id string) {
	in.channel.Tenant.ID, in.Conversation.TenantID = id, id
}
