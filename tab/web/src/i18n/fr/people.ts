import type { people as english } from "../en/people";
import type { Entry } from "../entry";

export const people = {
  "people.label": "Personnes",
  "people.hint":
    "Saisissez un nom ou une adresse, ou collez-en plusieurs à la fois, par exemple depuis Outlook ou Excel.",
  "people.placeholder": "Nom ou adresse",
  "people.searching": "Recherche",
  "people.nobody": "Personne n’a été trouvé. Vous pouvez aussi saisir une adresse entière.",
  "people.add": "Ajouter {email}",
  "people.known":
    "L’annuaire de l’entreprise ne répond pas pour le moment. Voici les personnes que Herald connaît déjà.",
  "people.failed": "La recherche a échoué.",
  "people.chosen": "Personnes choisies",
  "people.remove": "Retirer {name}",
  "people.text": "Modifier comme texte",
  "people.text.done": "Terminé",
  "people.text.label": "Adresses sous forme de texte",
  "people.text.hint": "Une par ligne, ou séparées par des virgules ou des points-virgules.",
  "people.clear": "Tout retirer",
  "aud.twice": {
    one: "{n} personne est citée plusieurs fois et le reçoit une seule fois.",
    other: "{n} personnes sont citées plusieurs fois ; chacune le reçoit une seule fois.",
  },
  "aud.left": { one: "{n} personne est exclue par {lists}.", other: "{n} personnes sont exclues par {lists}." },
  "aud.all.show": { one: "Afficher {n} personne", other: "Afficher les {n}" },
  "aud.all.search": "Rechercher parmi ces personnes",
  "aud.all.none": "Personne ici ne correspond à « {q} ».",
  "aud.all.shown": "Les {shown} premières sur {n}. Recherchez pour trouver les autres.",
  "aud.copy": "Copier les adresses",
  "aud.copied": { one: "{n} adresse copiée.", other: "{n} adresses copiées." },
  "aud.copy.failed":
    "Le navigateur ne permet pas à Herald de copier. Sélectionnez les adresses et copiez-les vous-même.",
  "preview.previous": "Personne précédente",
  "preview.next": "Personne suivante",
  "preview.at": "{n} sur {total}",
} as const satisfies Record<keyof typeof english, Entry>;
