import type { privacy as english } from "../en/privacy";
import type { Entry } from "../entry";

export const privacy = {
  "aud.mandatory": "Obligatoire : aussi pour les personnes qui ne veulent plus rien recevoir",
  "aud.mandatory.hint":
    "Chacun peut écrire « arrêter » au bot et ne reçoit plus alors que les campagnes obligatoires. Réservez-les à ce que tout le monde doit savoir.",
  "aud.summary.optedOut": { one: "{n} ne veut plus rien recevoir", other: "{n} ne veulent plus rien recevoir" },
  "reason.opted_out": "Ne veut plus rien recevoir",
  "reason.opted_out.do":
    "Seules les campagnes obligatoires lui parviennent. Il suffit d’écrire « reprendre » au bot pour tout recevoir de nouveau.",
  "reason.removed": "Personne effacée de Herald entre-temps",
  "reason.removed.do": "Il n’y a rien à faire.",
  "reason.restored": "Herald a été rétabli depuis une sauvegarde entre-temps",
  "reason.restored.do": "Le message est peut-être déjà arrivé. Interrogez quelques personnes avant de le renvoyer.",
  "report.removed": "Personne effacée",
  "report.peopleRemoved": {
    one: "Les noms et adresses ont été effacés {n} jour après la fin de la campagne. Tous les chiffres restent.",
    other: "Les noms et adresses ont été effacés {n} jours après la fin de la campagne. Tous les chiffres restent.",
  },
  "report.restored":
    "Herald a été rétabli depuis une sauvegarde dans laquelle cette campagne n’était pas terminée : elle est donc arrêtée ici. Elle a pourtant pu être envoyée jusqu’au bout : interrogez quelques destinataires avant de la renvoyer.",
  "restored.title": {
    one: "Herald a été rétabli depuis une sauvegarde le {time}. {n} campagne planifiée ou en cours d’envoi est arrêtée.",
    other:
      "Herald a été rétabli depuis une sauvegarde le {time}. {n} campagnes planifiées ou en cours d’envoi sont arrêtées.",
  },
  "restored.text":
    "Ce qui a été envoyé après la sauvegarde n’est pas connu ici ; des brouillons ont pu l’être aussi. Renseignez-vous auprès des destinataires avant de renvoyer quoi que ce soit.",
  "restored.dismiss": "Ne plus afficher",
  "privacy.search": "Nom, adresse ou identifiant d’objet",
  "privacy.start": "Cherchez une personne pour voir ce que Herald conserve à son sujet.",
  "privacy.none": "Herald ne connaît personne qui corresponde à « {q} ».",
  "privacy.failed": "Les personnes n’ont pas pu être chargées",
  "privacy.people": "Personnes trouvées",
  "privacy.person.failed": "La personne n’a pas pu être chargée",
  "privacy.back": "Autres personnes",
  "privacy.nameless": "Personne sans nom",
  "privacy.state.installed": "A l’application",
  "privacy.state.uninstalled": "A retiré l’application",
  "privacy.state.blocked": "A bloqué le bot",
  "privacy.state.none": "N’a jamais eu l’application",
  "privacy.optedOut": "Ne veut plus rien recevoir",
  "privacy.left": "A quitté l’organisation",
  "privacy.known": "Ce que Herald conserve",
  "privacy.id": "Identifiant d’objet",
  "privacy.deliveries": "Messages de campagnes",
  "privacy.lists": "Lignes de listes",
  "privacy.authored": "Créé ou modifié en dernier par cette personne",
  "privacy.typed": "Campagnes dont l’auteur a saisi l’adresse",
  "privacy.installs": "Installations de l’application par un administrateur",
  "privacy.noted": "Notes du journal d’audit, le rôle et les demandes d’approbation",
  "privacy.export": "Télécharger toutes les données",
  "privacy.forget": "Oublier cette personne",
  "privacy.forget.title": "Oublier {name} ?",
  "privacy.forget.text":
    "Son nom, ses adresses, sa conversation et ses réponses sont effacés de Herald, des listes et de tous les rapports, et ne pourront pas être rétablis. Les rapports gardent leurs chiffres. Ce que cette personne a créé reste, sous « ancien collègue ». Les textes qui la citent ne changent pas.",
  "privacy.forget.back":
    "L’annuaire ne la fait pas revenir. Elle revient d’elle-même en réinstallant l’application ou en écrivant « reprendre » au bot.",
  "privacy.forget.type": "Saisissez {name} pour confirmer",
  "privacy.forget.do": "Oublier",
  "privacy.forgot": "{name} : tout est oublié.",
  "privacy.settings": "Durée de conservation",
  "privacy.keep.ever": "Les destinataires des campagnes sont conservés sans limite de durée.",
  "privacy.keep.days": {
    one: "Les noms, adresses et réponses des destinataires sont effacés {n} jour après la fin d’une campagne.",
    other: "Les noms, adresses et réponses des destinataires sont effacés {n} jours après la fin d’une campagne.",
  },
  "privacy.keep.how": "La personne qui exploite Herald le règle avec HERALD_RETENTION_DAYS.",
  "privacy.forgotten": { one: "{n} personne a été oubliée.", other: "{n} personnes ont été oubliées." },
  "error.on_the_wire": "Un message est en route vers cette personne en ce moment. Réessayez dans un instant.",
  "error.being_planned": "Une campagne qui cite cette personne démarre. Réessayez dans un instant.",
  "error.unknown_person": "Herald ne sait plus rien de cette personne.",
} as const satisfies Record<keyof typeof english, Entry>;
