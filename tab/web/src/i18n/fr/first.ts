import type { first as english } from "../en/first";
import type { Entry } from "../entry";

export const first = {
  // Le cadre
  "app.loading": "Chargement de Herald",
  "app.retry": "Réessayer",
  "app.outside.title": "Ouvrez Herald dans Teams",
  "app.outside.text":
    "Herald vit dans Microsoft Teams, qui lui dit qui vous êtes. Ouvrez Teams et choisissez Herald dans la barre des applications.",
  "app.silent.title": "Teams ne répond pas",
  "app.silent.text":
    "Herald a demandé à Teams qui vous êtes, sans réponse. Réessayez, ou fermez cet onglet dans Teams et rouvrez-le.",
  "app.consent.title": "Herald a besoin de votre autorisation",
  "app.consent.text":
    "Herald demande à Teams qui vous êtes, pour n’ouvrir les campagnes qu’à ceux qui ont un rôle. Teams vous montre ce que cela signifie, et vous l’autorisez une seule fois.",
  "app.consent.do": "Autoriser dans Teams",
  "app.admin.title": "Un administrateur doit autoriser Herald",
  "app.admin.text":
    "Votre organisation ne vous laisse pas l’autoriser vous-même. Un administrateur Teams peut le faire une fois pour tous dans le centre d’administration Teams, sous Gérer les applications, Herald, Autorisations. Réessayez ensuite.",
  "app.expired.title": "Reconnectez-vous",
  "app.expired.text":
    "Votre session a expiré et Teams n’a pas pu la renouveler seul. Ce que vous aviez ouvert est conservé pendant que vous vous reconnectez.",
  "app.expired.do": "Se reconnecter",
  "app.lost": "Herald est injoignable. Ce que vous voyez est peut-être ancien. La page réessaie d’elle-même.",
  "app.lost.do": "Essayer maintenant",
  "app.lost.back": "Herald répond de nouveau.",
  "app.token.title": "Teams n’a pas pu vous connecter",
  "app.token.text":
    "Herald a demandé à Teams de vous connecter, et cela a échoué. Réessayez ; si cela persiste, montrez ceci à votre administrateur : {detail}",
  "app.down.title": "Herald est injoignable",
  "app.down.text":
    "La page est là, mais Herald ne répond pas. Vérifiez votre connexion, puis réessayez. Rien de ce que vous avez enregistré n’est perdu.",
  "app.broken.title": "Cette page s’est arrêtée",
  "app.broken.text":
    "Un problème est survenu dans la page elle-même. Ce que vous avez enregistré est à l’abri. Rechargez-la pour continuer.",
  "app.reload": "Recharger",
  "app.close": "Fermer",
  "app.cancel": "Annuler",
  "app.back": "Toutes les campagnes",
  "app.more": "Afficher plus",
  "app.readonly": "Votre rôle permet de lire les campagnes, pas de les modifier.",
  "app.nosend": "Votre rôle permet d’écrire des campagnes, pas de les envoyer.",

  // Entre les premières pages
  "place.campaigns": "Campagnes",
  "place.lists": "Listes",
  "place.surveys": "Enquêtes",
  "place.admin": "Administration",

  // Formats et états
  "format.idea": "Idée",
  "format.success": "Succès",
  "format.important": "Important",
  "format.card": "Carte adaptative",
  "format.message": "Message",
  "format.survey": "Enquête",
  "status.draft": "Brouillon",
  "status.waiting": "En attente",
  "home.when.waiting": "En attente d’approbation",
  "status.scheduled": "Planifiée",
  "status.sending": "En cours d’envoi",
  "status.completed": "Terminée",
  "status.stopped": "Arrêtée",
  "status.failed": "Échouée",

  // Accueil
  "home.title": "Campagnes",
  "home.new": "Nouvelle campagne",
  "home.tabs": "Campagnes par état",
  "home.tab.drafts": "Brouillons",
  "home.tab.scheduled": "Planifiées",
  "home.tab.sending": "En cours",
  "home.tab.completed": "Terminées",
  "home.search": "Rechercher par nom",
  "home.col.name": "Nom",
  "home.col.audience": "Destinataires",
  "home.col.when": "Quand",
  "home.col.by": "Par",
  "home.col.status": "État",
  "home.col.actions": "Actions",
  "home.empty.drafts":
    "Aucun brouillon. Une campagne commence ici : écrivez un message, choisissez à qui il va, essayez-le sur vous-même, envoyez-le.",
  "home.empty.scheduled":
    "Rien n’attend. Une campagne apparaît ici quand vous choisissez « Envoyer plus tard » à la relecture.",
  "home.empty.sending": "Aucun envoi pour le moment. Pendant qu’une campagne part, vous pouvez la suivre ici.",
  "home.empty.completed": "Aucune campagne terminée pour l’instant. Les rapports sont conservés ici.",
  "home.empty.search": "Aucune campagne ici n’a « {q} » dans son nom.",
  "home.empty.filter": "Aucune campagne ici ne correspond à la recherche et aux filtres.",
  "home.empty.clear": "Effacer la recherche",
  "home.empty.clearall": "Effacer les filtres",
  "home.none": "Aucune campagne trouvée",
  "home.failed": "Les campagnes n’ont pas pu être chargées",
  "home.shown": { one: "{n} campagne affichée", other: "{n} campagnes affichées" },
  "home.shown.of": "{shown} campagnes affichées sur {total}",
  "home.menu": "Autres actions pour {name}",
  "home.when.edited": "Modifiée {when}",
  "home.when.sends": "Envoi {when}",
  "home.when.started": "Commencée {when}",
  "home.when.sent": "Envoyée {when}",
  "home.when.stopped": "Arrêtée {when}",
  "home.when.failed": "Finie {when}",
  "home.progress": "{done} sur {total}",
  "home.preparing": "En préparation",

  // Les destinataires en mots
  "audience.all": "Tous les utilisateurs",
  "audience.none": "Personne encore",
  "audience.addresses": { one: "{n} adresse", other: "{n} adresses" },
  "audience.more": { one: "{n} autre liste", other: "{n} autres listes" },
  "audience.deleted": { one: "une liste supprimée", other: "{n} listes supprimées" },
  "audience.but": "{people} sauf {lists}",

  // Ce qui n’a pas marché
  "error.network": "Herald est injoignable. Vérifiez votre connexion et réessayez.",
  "error.unauthorized": "Votre session a expiré et n’a pas pu être renouvelée. Rouvrez Herald.",
  "error.forbidden": "Votre rôle ne le permet pas.",
  "error.no_role": "Votre rôle n’ouvre pas Herald. Demandez le rôle Author ou Admin.",
  "error.not_found": "Cela n’existe plus. Quelqu’un l’a peut-être supprimé.",
  "error.too_many_requests": "Trop de demandes à la fois. Attendez un instant et réessayez.",
  "error.server_error": "Herald a eu un problème. Réessayez dans un instant.",
  "error.unexpected": "Quelque chose d’inattendu s’est produit. Réessayez.",
  "error.token": "Teams n’a pas pu vous reconnecter. Rouvrez Herald.",
  "error.reference": "Référence pour l’assistance : {id}",

  // Moments
  "when.in": "dans {time}",
  "when.ago": "il y a {time}",
  "when.justnow": "à l’instant",
  "when.now": "maintenant",
  "when.today": "aujourd’hui, {time}",
  "when.tomorrow": "demain, {time}",
  "when.yesterday": "hier, {time}",
  "when.moment": "{date}, {time} ({zone}), {distance}",
  "author.former": "Ancien collègue",
} as const satisfies Record<keyof typeof english, Entry>;
