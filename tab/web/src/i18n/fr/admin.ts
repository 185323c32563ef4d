import type { Entry } from "../entry";

export const admin = {
  "admin.tabs": "Rubriques de l’administration",
  "admin.tab.health": "État du service",
  "admin.tab.install": "Installer l’application",
  "admin.tab.audit": "Journal d’audit",
  "admin.tab.people": "Personnes",
  "admin.forbidden.title": "Seul un Admin peut ouvrir cette page",
  "admin.forbidden.text":
    "L’administrateur Microsoft Entra de votre organisation peut vous donner le rôle Admin dans le centre d’administration Microsoft Entra : Applications d’entreprise, Herald, Utilisateurs et groupes.",
  "admin.health.refresh": "Vérifier de nouveau",
  "admin.health.package": "Télécharger le package",
  "admin.health.package.name": "Package Herald",
  "admin.health.failed": "L’état de Herald n’a pas pu être vérifié",
  "admin.health.stale": "La dernière vérification a échoué. Voici ce qui a été constaté à {time}.",
  "admin.health.empty": "Rien n’a été vérifié",
  "admin.health.empty.text": "Vérifiez de nouveau dans un instant.",
  "admin.health.at": "Vérifié à {time}, puis chaque minute",
  "admin.health.checking": "Vérification en cours",
  "admin.health.all.ok": "Tout va bien",
  "admin.health.all.warning": { one: "{n} point à examiner", other: "{n} points à examiner" },
  "admin.health.all.problem": { one: "{n} problème à corriger", other: "{n} problèmes à corriger" },
  "admin.health.state.ok": "En ordre",
  "admin.health.state.warning": "À examiner",
  "admin.health.state.problem": "Problème",
  "admin.health.do": "Que faire :",
} as const satisfies Record<string, Entry>;
