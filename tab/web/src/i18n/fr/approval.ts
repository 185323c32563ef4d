import type { Entry } from "../entry";

export const approval = {
  "approval.waiting":
    "{who} a demandé le {when} l’envoi à {n} personnes. La campagne ne peut pas être modifiée avant la décision d’une autre personne.",
  "approval.waiting.mine":
    "Vous avez demandé le {when} l’envoi à {n} personnes. Un Publisher décide ; d’ici là, la campagne ne peut pas être modifiée.",
  "approval.grown":
    "Pas envoyée : au moment de partir, le {when}, son audience comptait {n} personnes, trop pour qu’une seule personne décide. Un Publisher décide ; d’ici là, la campagne ne peut pas être modifiée.",
  "approval.grown.again":
    "Pas envoyée : au moment de partir, le {when}, son audience comptait {n} personnes ; l’approbation valait pour {before}. Un Publisher décide de nouveau ; d’ici là, la campagne ne peut pas être modifiée.",
  "approval.rejected": "{who} a refusé cette campagne. Modifiez-la et envoyez-la de nouveau.",
  "approval.rejected.comment": "{who} a refusé cette campagne : « {comment} »",
  "approval.sends.now": "Elle part dès qu’elle est approuvée.",
  "approval.sends": "Une fois approuvée, elle part le {when}.",
  "approval.comment": "Commentaire pour l’auteur (facultatif)",
  "approval.approve": "Approuver",
  "approval.reject": "Refuser",
  "approval.approve.title": "Approuver « {name} » ?",
  "approval.reject.title": "Refuser « {name} » ?",
  "approval.approve.text": "{n} personnes la recevront. L’auteur en est informé dans le chat.",
  "approval.reject.text": "Elle redevient un brouillon. L’auteur en est informé dans le chat.",
  "approval.approved": "« {name} » est approuvée.",
  "approval.is.rejected": "« {name} » est refusée.",
  "approval.why.role": "Seul un Publisher ou un Admin peut décider.",
  "approval.why.own": "Vous avez fait la demande vous-même ; une autre personne doit décider.",
  "approval.withdraw": "Retirer et modifier",
  "approval.withdraw.title": "Retirer la demande d’approbation ?",
  "approval.withdraw.text":
    "« {name} » devient un brouillon que vous pouvez modifier. Pour l’envoyer, demandez de nouveau l’approbation.",
  "approval.withdraw.keep": "Laisser en attente",
  "approval.asked": "« {name} » attend une approbation. La décision vous parviendra dans votre chat avec Herald.",
  "approval.message": "Le message",
  "approval.empty": "Il n’y a pas encore de message.",
} as const satisfies Record<string, Entry>;
