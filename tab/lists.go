package tab

import (
	"time"

	"herald/campaigns"
)

type listJSON struct {
	ID        string             `json:"id"`
	Name      string             `json:"name"`
	Members   int                `json:"members"`
	Installed int                `json:"installed"`
	Columns   []campaigns.Column `json:"columns"`
	CreatedBy authorJSON         `json:"createdBy"`
	CreatedAt time.Time          `json:"createdAt"`
	UpdatedAt time.Time          `json:"updatedAt"`
	Version   int                `json:"version"`
}

func newList(l *campaigns.List) listJSON {
	return listJSON{ID: l.ID, Name: l.Name, Members: l.Members, Installed: l.Installed, Columns: list(l.Columns), CreatedBy: authorJSON(l.CreatedBy), CreatedAt: l.CreatedAt, UpdatedAt: l.UpdatedAt, Version: l.Version}
}
