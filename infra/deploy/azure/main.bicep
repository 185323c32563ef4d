// Herald on Azure: Container Apps (web and worker), Bot registration, PostgreSQL Flexible Server, Azure Managed Redis,
// Key Vault, and one managed identity that reads the secrets, pulls the image and proves to Entra that Herald is the app.
//
// Not verified here: neither the Bicep compiler nor Azure can be reached from where this was written. Run
//   az bicep build --file infra/deploy/azure/main.bicep
//   az deployment group what-if --resource-group herald --template-file infra/deploy/azure/main.bicep --parameters @my.parameters.json
// before the first deployment. docs/admin-guide.md says what comes before and after.

targetScope = 'resourceGroup'

@description('Short name that all resources begin with.')
@minLength(3)
@maxLength(12)
param name string = 'herald'

param location string = resourceGroup().location

@description('Image with its registry, and a digest or a tag that never moves.')
param image string

@description('Login server of the registry that holds the image; the identity is given AcrPull by hand (see the guide). Empty: a public image.')
param registryServer string = ''

@description('The https address at which Teams reaches Herald, in lower case, without a path.')
param publicUrl string

@description('Application (client) id of the app registration.')
param appId string

@description('Directory (tenant) id of the app registration.')
param tenantId string = tenant().tenantId

@description('Public cloud; another one needs other endpoints than this file assumes.')
@allowed(['public', 'gcc'])
param cloud string = 'public'

@description('Administrator of PostgreSQL; the password stays in Key Vault. Letters and digits only: it becomes part of an address.')
param databaseUser string = 'herald'

@secure()
@minLength(24)
param databasePassword string

@description('Sends per second per tenant, over all workers together.')
param rate int = 50

param webMinReplicas int = 2
param webMaxReplicas int = 4
param workerReplicas int = 2

var unique = uniqueString(resourceGroup().id)
var keyVaultSecretsUser = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b874-0445c86b69e6')

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-identity'
  location: location
}

resource logs 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: '${name}-logs'
  location: location
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 30
  }
}

resource network 'Microsoft.Network/virtualNetworks@2023-11-01' = {
  name: '${name}-net'
  location: location
  properties: {
    addressSpace: { addressPrefixes: ['10.60.0.0/16'] }
    subnets: [
      {
        name: 'apps'
        properties: {
          addressPrefix: '10.60.0.0/23'
          delegations: [{ name: 'apps', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      {
        name: 'database'
        properties: {
          addressPrefix: '10.60.2.0/28'
          delegations: [{ name: 'database', properties: { serviceName: 'Microsoft.DBforPostgreSQL/flexibleServers' } }]
        }
      }
      {
        name: 'private'
        properties: { addressPrefix: '10.60.3.0/27' }
      }
    ]
  }
}

resource databaseZone 'Microsoft.Network/privateDnsZones@2020-06-01' = {
  name: '${name}.private.postgres.database.azure.com'
  location: 'global'

  resource link 'virtualNetworkLinks' = {
    name: 'net'
    location: 'global'
    properties: {
      registrationEnabled: false
      virtualNetwork: { id: network.id }
    }
  }
}

resource postgres 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: '${name}-pg-${unique}'
  location: location
  sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' }
  properties: {
    version: '16'
    administratorLogin: databaseUser
    administratorLoginPassword: databasePassword
    storage: { storageSizeGB: 64, autoGrow: 'Enabled' }
    backup: { backupRetentionDays: 14, geoRedundantBackup: 'Disabled' }
    highAvailability: { mode: 'ZoneRedundant' }
    network: {
      delegatedSubnetResourceId: '${network.id}/subnets/database'
      privateDnsZoneArmResourceId: databaseZone.id
      publicNetworkAccess: 'Disabled'
    }
  }
  dependsOn: [databaseZone::link]

  resource database 'databases' = {
    name: 'herald'
    properties: { charset: 'UTF8', collation: 'en_US.utf8' }
  }
}

resource redis 'Microsoft.Cache/redisEnterprise@2025-04-01' = {
  name: '${name}-redis-${unique}'
  location: location
  sku: { name: 'Balanced_B1' }
  properties: {
    minimumTlsVersion: '1.2'
    highAvailability: 'Enabled'
  }

  // Herald speaks to one address: the Enterprise policy hides the shards. Nothing may be evicted, and what is written is kept.
  resource store 'databases' = {
    name: 'default'
    properties: {
      clientProtocol: 'Encrypted'
      port: 10000
      clusteringPolicy: 'EnterpriseCluster'
      evictionPolicy: 'NoEviction'
      accessKeysAuthentication: 'Enabled'
      persistence: { aofEnabled: true, aofFrequency: '1s' }
    }
  }
}

resource redisZone 'Microsoft.Network/privateDnsZones@2020-06-01' = {
  name: 'privatelink.redis.azure.net'
  location: 'global'

  resource link 'virtualNetworkLinks' = {
    name: 'net'
    location: 'global'
    properties: {
      registrationEnabled: false
      virtualNetwork: { id: network.id }
    }
  }
}

resource redisEndpoint 'Microsoft.Network/privateEndpoints@2023-11-01' = {
  name: '${name}-redis'
  location: location
  properties: {
    subnet: { id: '${network.id}/subnets/private' }
    privateLinkServiceConnections: [
      {
        name: 'redis'
        properties: { privateLinkServiceId: redis.id, groupIds: ['redisEnterprise'] }
      }
    ]
  }

  resource zones 'privateDnsZoneGroups' = {
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [{ name: 'redis', properties: { privateDnsZoneId: redisZone.id } }]
    }
  }
}

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: take('${name}kv${unique}', 24)
  location: location
  properties: {
    tenantId: subscription().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enablePurgeProtection: true
    softDeleteRetentionInDays: 30
  }

  resource databaseUrl 'secrets' = {
    name: 'database-url'
    properties: {
      value: 'postgres://${databaseUser}:${databasePassword}@${postgres.properties.fullyQualifiedDomainName}:5432/herald?sslmode=verify-full'
    }
  }

  resource redisUrl 'secrets' = {
    name: 'redis-url'
    properties: {
      value: 'rediss://:${redis::store.listKeys().primaryKey}@${redis.properties.hostName}:10000/0'
    }
  }
}

resource reads 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, identity.id, keyVaultSecretsUser)
  scope: vault
  properties: {
    roleDefinitionId: keyVaultSecretsUser
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

resource environment 'Microsoft.App/managedEnvironments@2024-03-01' = {
  name: '${name}-env'
  location: location
  properties: {
    vnetConfiguration: { infrastructureSubnetId: '${network.id}/subnets/apps' }
    workloadProfiles: [{ name: 'Consumption', workloadProfileType: 'Consumption' }]
    appLogsConfiguration: {
      destination: 'log-analytics'
      logAnalyticsConfiguration: {
        customerId: logs.properties.customerId
        sharedKey: logs.listKeys().primarySharedKey
      }
    }
  }
}

var secrets = [
  { name: 'database-url', keyVaultUrl: '${vault.properties.vaultUri}secrets/database-url', identity: identity.id }
  { name: 'redis-url', keyVaultUrl: '${vault.properties.vaultUri}secrets/redis-url', identity: identity.id }
]
var registries = empty(registryServer) ? [] : [{ server: registryServer, identity: identity.id }]
var settings = [
  { name: 'HERALD_MODE', value: 'cloud' }
  { name: 'HERALD_ADDR', value: '0.0.0.0:3978' }
  { name: 'HERALD_DATA_DIR', value: '/data' }
  { name: 'HERALD_LOG_FORMAT', value: 'json' }
  { name: 'HERALD_CLOUD', value: cloud }
  { name: 'HERALD_PUBLIC_URL', value: publicUrl }
  { name: 'HERALD_APP_ID', value: appId }
  { name: 'HERALD_TENANT_ID', value: tenantId }
  { name: 'HERALD_FEDERATED_IDENTITY', value: identity.properties.clientId }
  { name: 'HERALD_RATE', value: string(rate) }
  { name: 'HERALD_DATABASE_URL', secretRef: 'database-url' }
  { name: 'HERALD_REDIS_URL', secretRef: 'redis-url' }
]
var probes = [
  { type: 'Startup', httpGet: { path: '/healthz', port: 3978 }, periodSeconds: 5, failureThreshold: 60 }
  { type: 'Liveness', httpGet: { path: '/healthz', port: 3978 }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 }
  { type: 'Readiness', httpGet: { path: '/readyz', port: 3978 }, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 }
]

resource web 'Microsoft.App/containerApps@2024-03-01' = {
  name: '${name}-web'
  location: location
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identity.id}': {} } }
  properties: {
    environmentId: environment.id
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single' // the new revision takes over when its probes say so
      ingress: { external: true, targetPort: 3978, transport: 'auto', allowInsecure: false }
      registries: registries
      secrets: secrets
    }
    template: {
      terminationGracePeriodSeconds: 120
      containers: [
        {
          name: 'herald'
          image: image
          env: concat(settings, [{ name: 'HERALD_ROLE', value: 'web' }])
          resources: { cpu: json('0.5'), memory: '1Gi' }
          probes: probes
        }
      ]
      scale: {
        minReplicas: webMinReplicas
        maxReplicas: webMaxReplicas
        rules: [{ name: 'http', http: { metadata: { concurrentRequests: '100' } } }]
      }
    }
  }
  dependsOn: [reads, redisEndpoint::zones]
}

resource worker 'Microsoft.App/containerApps@2024-03-01' = {
  name: '${name}-worker'
  location: location
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identity.id}': {} } }
  properties: {
    environmentId: environment.id
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      registries: registries
      secrets: secrets
    }
    template: {
      terminationGracePeriodSeconds: 120
      containers: [
        {
          name: 'herald'
          image: image
          env: concat(settings, [{ name: 'HERALD_ROLE', value: 'worker' }])
          resources: { cpu: json('0.5'), memory: '1Gi' }
          probes: probes
        }
      ]
      scale: { minReplicas: workerReplicas, maxReplicas: workerReplicas }
    }
  }
  dependsOn: [reads, redisEndpoint::zones]
}

resource bot 'Microsoft.BotService/botServices@2022-09-15' = {
  name: '${name}-bot-${unique}'
  location: 'global'
  kind: 'azurebot'
  sku: { name: 'F0' }
  properties: {
    displayName: 'Herald'
    endpoint: '${publicUrl}/api/messages'
    msaAppId: appId
    msaAppType: 'SingleTenant'
    msaAppTenantId: tenantId
  }

  resource teams 'channels' = {
    name: 'MsTeamsChannel'
    location: 'global'
    properties: {
      channelName: 'MsTeamsChannel'
      properties: { isEnabled: true }
    }
  }
}

@description('Subject of the federated credential on the app registration.')
output identityPrincipalId string = identity.properties.principalId

@description('The address of the web app; publicUrl is this or a domain of your own that points at it.')
output webHost string = web.properties.configuration.ingress.fqdn
