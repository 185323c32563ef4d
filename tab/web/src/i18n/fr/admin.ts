import type { Entry } from "../entry";

export const admin = {
  "admin.tabs": "Rubriques de l’administration",
  "admin.tab.health": "État du service",
  "admin.tab.audit": "Journal d’audit",
  "admin.tab.people": "Personnes",
  "admin.forbidden.title": "Seul un Admin peut ouvrir cette page",
  "admin.forbidden.text":
    "L’administrateur Microsoft Entra de votre organisation peut vous donner le rôle Admin dans le centre d’administration Microsoft Entra : Applications d’entreprise, Herald, Utilisateurs et groupes.",
} as const satisfies Record<string, Entry>;
