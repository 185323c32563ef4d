import type { Entry } from "../entry";

export const health = {
  "health.check.app_package": "Package de l’application",
  "health.check.bot_token": "Connexion du bot",
  "health.check.clock": "Horloge",
  "health.check.configuration": "Configuration",
  "health.check.credential": "Secret ou certificat",
  "health.check.database": "Base de données",
  "health.check.directory": "Annuaire",
  "health.check.disk": "Disque",
  "health.check.graph_token": "Connexion à Microsoft Graph",
  "health.check.catalog": "Catalogue d’applications",
  "health.check.installation": "Installation pour les personnes",
  "health.check.people": "Personnes qui ont l’application",
  "health.check.presence": "Présence",
  "health.check.mailbox_zones": "Fuseaux horaires des boîtes aux lettres",
  "health.check.public_address": "Adresse publique",
  "health.check.queue": "Messages en attente",
  "health.check.redis": "Redis",
  "health.check.teams": "Appels de Teams",
  "health.config.ok": "Herald fonctionne en mode {mode}, avec le rôle {role}.",
  "health.config.wrong": "{variable} : {problem}.",
  "health.config.wrong.do": "Pour corriger : {remedy}. Redémarrez ensuite Herald.",
  "health.clock.ok": "L’horloge s’accorde avec celle de Microsoft, à une minute près.",
  "health.clock.off": "L’horloge s’écarte de {seconds} secondes de celle de Microsoft.",
  "health.clock.off.do":
    "Activez la synchronisation de l’heure (NTP). À partir de cinq minutes, les connexions sont refusées.",
  "health.clock.wrong": "L’horloge s’écarte de {seconds} secondes de celle de Microsoft : les jetons sont refusés.",
  "health.clock.wrong.do":
    "Activez la synchronisation de l’heure (NTP), sur l’hôte si Herald tourne dans un conteneur.",
  "health.clock.unknown": "Microsoft Entra ne répond pas : l’horloge ne peut pas être comparée.",
  "health.clock.unknown.do": "Laissez Herald joindre en https l’adresse de connexion de Microsoft.",
  "health.token.ok": "Microsoft Entra accepte l’identité de Herald.",
  "health.token.none":
    "Le cloud Microsoft est simulé dans le même processus ; il n’y a rien à vérifier de l’extérieur.",
  "health.token.secret_wrong": "Microsoft Entra ne connaît pas ce secret client (AADSTS{number}).",
  "health.token.secret_wrong.do":
    "Mettez la valeur du secret, et non son identifiant, dans HERALD_APP_SECRET, ou créez un nouveau secret dans l’inscription d’application.",
  "health.token.secret_expired": "Le secret client a expiré (AADSTS{number}).",
  "health.token.secret_expired.do":
    "Créez un nouveau secret dans l’inscription d’application et mettez sa valeur dans HERALD_APP_SECRET.",
  "health.token.app_unknown": "L’application {app} est inconnue de l’organisation {tenant} (AADSTS{number}).",
  "health.token.app_unknown.do": "Vérifiez HERALD_APP_ID, et faites consentir un administrateur de cette organisation.",
  "health.token.tenant_unknown": "L’organisation {tenant} n’existe pas (AADSTS{number}).",
  "health.token.tenant_unknown.do": "Vérifiez HERALD_TENANT_ID, HERALD_ALLOWED_TENANTS et HERALD_CLOUD.",
  "health.token.certificate_refused": "Microsoft Entra n’accepte pas le certificat (AADSTS{number}).",
  "health.token.certificate_refused.do":
    "Ajoutez le certificat de HERALD_APP_CERTIFICATE à l’inscription d’application, ou indiquez celui qui s’y trouve.",
  "health.token.certificate_unreadable": "Le certificat du fichier {file} est illisible avec sa clé.",
  "health.token.certificate_unreadable.do":
    "Donnez un fichier PEM ou PKCS#12 avec certificat et clé privée, et son mot de passe dans HERALD_APP_CERTIFICATE_PASSWORD.",
  "health.token.federation_refused":
    "L’inscription d’application ne fait pas confiance à cette identité fédérée (AADSTS{number}).",
  "health.token.federation_refused.do":
    "Comparez l’émetteur, l’objet et l’audience des informations d’identification fédérées avec l’identité sous laquelle Herald tourne.",
  "health.token.app_disabled": "L’application {app} est désactivée dans l’organisation {tenant} (AADSTS{number}).",
  "health.token.app_disabled.do": "Activez-la dans Microsoft Entra, sous Applications d’entreprise, Propriétés.",
  "health.token.policy": "Une stratégie d’accès conditionnel empêche Herald de se connecter (AADSTS{number}).",
  "health.token.policy.do":
    "Excluez l’application, ou l’adresse de Herald, de cette stratégie pour les identités de charge de travail.",
  "health.token.no_principal": "Le service que Herald demande est inconnu de l’organisation {tenant} (AADSTS{number}).",
  "health.token.no_principal.do": "Vérifiez HERALD_CLOUD, et que l’organisation utilise Microsoft Teams.",
  "health.token.refused": "Microsoft Entra refuse l’identité de Herald (AADSTS{number}).",
  "health.token.refused.do":
    "Cherchez ce numéro dans la liste des erreurs AADSTS de Microsoft ; vérifiez les identifiants et le secret ou le certificat.",
  "health.token.unreachable": "Aucun jeton n’a pu être obtenu : Microsoft Entra, ou l’identité managée, ne répond pas.",
  "health.token.unreachable.do":
    "Laissez Herald joindre en https l’adresse de connexion de Microsoft, ou vérifiez que l’identité managée est attribuée à cette machine.",
  "health.directory.ok": "Les personnes peuvent être cherchées ({permission}).",
  "health.directory.denied":
    "L’autorisation {permission} manque dans l’organisation {tenant} : les audiences ne comprennent que les personnes que le bot a rencontrées.",
  "health.directory.denied.do":
    "Ajoutez l’autorisation d’application dans l’inscription et faites consentir un administrateur.",
  "health.presence.ok": "La présence peut être lue ({permission}).",
  "health.presence.denied":
    "L’autorisation facultative {permission} manque : les campagnes avec une plage d’envoi ne peuvent pas attendre que les personnes soient là.",
  "health.presence.denied.do":
    "Si vous le souhaitez, ajoutez l’autorisation d’application et faites consentir un administrateur.",
  "health.catalog.ok": "L’application est dans le catalogue de l’organisation ({permission}).",
  "health.catalog.missing":
    "L’application {app} n’est pas dans le catalogue de l’organisation {tenant} : Herald ne peut pas s’installer pour les personnes.",
  "health.catalog.missing.do":
    "Importez le package de l’application dans le centre d’administration Teams, sous Gérer les applications.",
  "health.catalog.denied":
    "L’autorisation facultative {permission} manque : Herald ne peut pas se trouver dans le catalogue, ni donc s’installer pour les personnes.",
  "health.catalog.denied.do":
    "Installez l’application par une stratégie de configuration, ou ajoutez l’autorisation d’application et faites consentir un administrateur.",
  "health.zones.ok": "Les fuseaux horaires des boîtes aux lettres peuvent être lus ({permission}).",
  "health.zones.denied":
    "L’autorisation facultative {permission} manque : pour le fuseau horaire de chaque personne, Herald se fie à ce que son client Teams indique, sinon à celui de la campagne.",
  "health.zones.denied.do":
    "Si vous le souhaitez, ajoutez l’autorisation d’application et faites consentir un administrateur.",
  "health.installation.ok": "L’application peut être installée pour les personnes ({permission}).",
  "health.installation.denied":
    "L’autorisation facultative {permission} manque : Herald ne peut pas s’installer pour les personnes.",
  "health.installation.denied.do":
    "Installez l’application par une stratégie de configuration, ou ajoutez l’autorisation et faites consentir un administrateur.",
  "health.graph.unreachable": "Microsoft Graph ne répond pas.",
  "health.graph.unreachable.do":
    "Laissez Herald joindre Microsoft Graph en https ; consultez l’état des services Microsoft.",
  "health.graph.unauthorized": "Microsoft Graph n’accepte pas le jeton de Herald pour l’organisation {tenant}.",
  "health.graph.unauthorized.do": "Vérifiez HERALD_CLOUD, et faites consentir un administrateur de cette organisation.",
  "health.graph.throttled": "Microsoft Graph demande à Herald de ralentir.",
  "health.graph.throttled.do":
    "Attendez quelques minutes. Si cela dure, cherchez ce qui utilise aussi cette inscription d’application.",
  "health.graph.failed": "Microsoft Graph a répondu avec le statut {status}.",
  "health.graph.failed.do": "Réessayez dans un instant ; consultez l’état des services Microsoft.",
  "health.credential.lasting":
    "Herald se connecte avec une identité dont Microsoft renouvelle les clés ; rien ne peut expirer.",
  "health.secret.ok": "Le secret client est valable jusqu’au {date} (jours restants : {days}).",
  "health.secret.soon": "Le secret client expire le {date} (jours restants : {days}).",
  "health.secret.soon.do":
    "Créez dès maintenant un nouveau secret dans l’inscription d’application, mettez-le dans HERALD_APP_SECRET et redémarrez Herald. Des informations d’identification fédérées n’ont pas à être renouvelées.",
  "health.secret.over": "Le secret client a expiré le {date}.",
  "health.secret.over.do":
    "Créez un nouveau secret dans l’inscription d’application, mettez-le dans HERALD_APP_SECRET et redémarrez Herald.",
  "health.secret.unknown": "La fin du secret client n’est pas connue : Herald ne peut pas lire sa propre inscription.",
  "health.secret.unknown.do":
    "Notez la date qui figure dans l’inscription d’application, ou accordez Application.Read.All.",
  "health.certificate.ok": "Le certificat est valable jusqu’au {date} (jours restants : {days}).",
  "health.certificate.soon": "Le certificat expire le {date} (jours restants : {days}).",
  "health.certificate.soon.do":
    "Ajoutez un nouveau certificat à l’inscription d’application, puis indiquez-le dans HERALD_APP_CERTIFICATE.",
  "health.certificate.over": "Le certificat a expiré le {date}.",
  "health.certificate.over.do":
    "Ajoutez un nouveau certificat à l’inscription d’application, puis indiquez-le dans HERALD_APP_CERTIFICATE.",
  "health.certificate.unreadable": "Le certificat du fichier {file} est illisible.",
  "health.certificate.unreadable.do":
    "Donnez un fichier PEM ou PKCS#12 avec certificat et clé privée, et son mot de passe dans HERALD_APP_CERTIFICATE_PASSWORD.",
  "health.token_file.ok": "Le jeton fédéré est là et n’a pas expiré.",
  "health.token_file.over": "Le jeton fédéré du fichier {file} a expiré.",
  "health.token_file.over.do":
    "Cherchez pourquoi la plateforme ne le renouvelle plus ; elle devrait l’écrire de nouveau environ toutes les heures.",
  "health.token_file.unreadable": "Le jeton fédéré du fichier {file} est illisible.",
  "health.token_file.unreadable.do":
    "Indiquez dans HERALD_FEDERATED_TOKEN_FILE le fichier que la plateforme écrit, et laissez Herald le lire.",
  "health.public.ok": "{url} répond, et c’est bien cette application.",
  "health.public.local": "Aucune adresse publique n’est définie ; Herald ne sert que sur cette machine.",
  "health.public.dns": "Le nom de {url} est inconnu.",
  "health.public.dns.do": "Créez l’enregistrement DNS, ou corrigez HERALD_PUBLIC_URL.",
  "health.public.certificate": "Le certificat présenté à {url} n’est pas valable pour cette adresse.",
  "health.public.certificate.do":
    "Donnez au proxy un certificat d’une autorité publique pour ce nom, avec ses certificats intermédiaires.",
  "health.public.unreachable": "{url} ne répond pas.",
  "health.public.unreachable.do":
    "Vérifiez que Herald et le proxy placé devant tournent, et que le pare-feu laisse passer https.",
  "health.public.gateway": "Un proxy répond à {url} avec le statut {status}, et n’atteint pas Herald.",
  "health.public.gateway.do": "Faites tout transmettre à HERALD_ADDR par le proxy, et vérifiez que Herald tourne.",
  "health.public.other": "Autre chose que Herald répond à {url} (statut {status}).",
  "health.public.other.do": "Faites transmettre tous les chemins à Herald par le proxy, sans page de connexion à lui.",
  "health.public.other_app":
    "Le Herald qui répond à {url} en est un autre : il sert l’application {app}, et non {expected}.",
  "health.public.other_app.do": "Corrigez HERALD_PUBLIC_URL ou HERALD_APP_ID, ou la destination du proxy.",
  "health.package.ok": "Le package de l’application correspond à l’adresse publique.",
  "health.package.refused": "Teams refuserait le package de l’application : {field} {problem}",
  "health.package.refused.do": "Corrigez HERALD_PUBLIC_URL, puis refaites le package.",
  "health.package.unreadable": "{file} n’est pas un package d’application Teams.",
  "health.package.unreadable.do": "Donnez le fichier écrit par herald package.",
  "health.package.other_address": "Le package de l’application mène à {host}, et HERALD_PUBLIC_URL à {expected}.",
  "health.package.other_address.do":
    "Refaites le package avec une version plus élevée et chargez-le dans Teams, ou corrigez HERALD_PUBLIC_URL.",
  "health.package.other_app": "Le package est celui de l’application {app}, et HERALD_APP_ID vaut {expected}.",
  "health.package.other_app.do": "Refaites le package, ou corrigez HERALD_APP_ID.",
  "health.package.opened_elsewhere":
    "Teams a ouvert Herald à l’adresse {host}, et HERALD_PUBLIC_URL indique {expected}.",
  "health.package.opened_elsewhere.do":
    "Chargez dans Teams un package fait avec l’adresse actuelle, ou faites transmettre l’en-tête Host par le proxy.",
  "health.database.ok": "{kind} répond, et son schéma est celui de cette version.",
  "health.database.new": "{kind} : il n’y en a pas encore ; elle est créée au démarrage de Herald.",
  "health.database.unreachable": "{kind} ne répond pas.",
  "health.database.unreachable.do":
    "Vérifiez HERALD_DATABASE_URL et HERALD_DATA_DIR, le mot de passe, et que le serveur tourne et laisse entrer Herald.",
  "health.database.behind": "Il manque à {kind} des changements de cette version (migrations : {n}).",
  "health.database.behind.do": "Démarrez Herald : il les fait. S’il a déjà démarré, lisez son journal.",
  "health.database.ahead":
    "{kind} contient des changements que cette version ne connaît pas (migrations : {n}) : un Herald plus récent est passé par là.",
  "health.database.ahead.do": "Mettez aussi ce processus à jour.",
  "health.redis.ok": "Redis {version} répond et est bien réglé.",
  "health.redis.embedded": "Redis est intégré au processus.",
  "health.redis.unreachable": "Redis ne répond pas.",
  "health.redis.unreachable.do": "Vérifiez HERALD_REDIS_URL, et que le serveur tourne et laisse entrer Herald.",
  "health.redis.refused": "Redis refuse le mot de passe.",
  "health.redis.refused.do": "Corrigez le nom et le mot de passe dans HERALD_REDIS_URL.",
  "health.redis.old": "Redis {version} est trop ancien.",
  "health.redis.old.do": "Mettez-le à jour : Herald demande Redis 5 ou plus récent.",
  "health.redis.policy":
    "Redis peut jeter des messages en attente quand sa mémoire est pleine (maxmemory-policy {policy}).",
  "health.redis.policy.do": "Réglez maxmemory-policy sur noeviction.",
  "health.redis.persistence":
    "Redis ne garde rien sur disque : après son redémarrage, tout est relu dans la base de données et l’envoi s’interrompt un instant.",
  "health.redis.persistence.do": "Réglez appendonly yes et appendfsync everysec.",
  "health.queue.ok": "Rien n’est en retard.",
  "health.queue.inside": "Seul le service en marche le sait ; sa page d’état le montre.",
  "health.queue.late": "Des messages sont en retard : {n} sont dus, le plus ancien depuis {minutes} minutes.",
  "health.queue.late.do":
    "C’est normal pendant l’envoi d’une grande campagne au débit réglé. Si rien n’avance, vérifiez que les workers tournent.",
  "health.queue.stuck": "Les messages ne partent pas : {n} sont dus, le plus ancien depuis {minutes} minutes.",
  "health.queue.stuck.do": "Vérifiez qu’un processus avec HERALD_ROLE=worker ou all tourne, et ce que dit son journal.",
  "health.queue.paused": "L’envoi est suspendu pour {seconds} secondes : Teams l’a demandé, ou ne répond pas.",
  "health.queue.paused.do": "Rien : il reprend de lui-même. Si cela dure, consultez l’état des services Microsoft.",
  "health.queue.unknown": "Redis ne dit pas où en sont les messages.",
  "health.queue.unknown.do": "Vérifiez d’abord Redis.",
  "health.inbound.ok": "Dernier appel de Teams au bot : {at}.",
  "health.inbound.never": "Teams n’a jamais appelé le bot.",
  "health.inbound.never.do":
    "Vérifiez le point de terminaison du bot (l’adresse publique suivie de /api/messages), son canal Teams, et que quelqu’un a installé l’application.",
  "health.inbound.silent": "Teams a appelé le bot pour la dernière fois il y a {days} jours.",
  "health.inbound.silent.do":
    "Si l’application est utilisée, vérifiez le point de terminaison du bot et ce que le journal du proxy dit de /api/messages.",
  "health.inbound.unknown": "Le dernier appel de Teams au bot n’est pas connu, car la base de données ne le dit pas.",
  "health.people.ok": "Personnes qui ont l’application : {n}.",
  "health.people.none": "Personne n’a encore l’application : vous ne pouvez écrire à personne.",
  "health.people.none.do": "Chargez le package de l’application et installez-le par une stratégie de configuration.",
  "health.disk.ok": "Espace libre dans {dir} : {free} Gio.",
  "health.disk.low": "Il ne reste que {free} Gio dans {dir}.",
  "health.disk.low.do": "Faites de la place avant qu’il n’y en ait plus : la base de données s’arrêterait.",
  "health.disk.full": "Le disque de {dir} est plein ({free} Gio libres).",
  "health.disk.full.do": "Faites de la place maintenant : plus rien ne peut être enregistré.",
  "health.disk.readonly": "Rien ne peut être écrit dans {dir}.",
  "health.disk.readonly.do": "Montez le dossier en écriture et donnez-le à l’utilisateur sous lequel Herald tourne.",
  "health.disk.missing": "Le dossier {dir} n’existe pas encore ; il est créé au démarrage de Herald.",
  "health.disk.missing.do": "Si Herald a déjà démarré, vérifiez que HERALD_DATA_DIR désigne ici le même dossier.",
  "health.disk.unknown": "L’espace libre dans {dir} n’est pas connu sur ce système.",
} as const satisfies Record<string, Entry>;
