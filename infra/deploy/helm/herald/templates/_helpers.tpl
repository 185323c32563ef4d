{{- define "herald.name" -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "herald.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "herald.name" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- define "herald.labels" -}}
app.kubernetes.io/name: herald
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{/* One of two roles: what may never change of a Deployment. Called with (dict "root" $ "role" "web"). */}}
{{- define "herald.selector" -}}
app.kubernetes.io/name: herald
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .role }}
{{- end -}}

{{- define "herald.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{/* The Deployment of a role. Called with (dict "root" $ "role" "web" "values" .Values.web). */}}
{{- define "herald.deployment" -}}
{{- $root := .root -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "herald.name" $root }}-{{ .role }}
  labels:
    {{- include "herald.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .role }}
spec:
  {{- if not (and (eq .role "web") .values.autoscaling.enabled) }}
  replicas: {{ .values.replicas }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "herald.selector" . | nindent 6 }}
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: 0
      maxSurge: 1
  template:
    metadata:
      labels:
        {{- include "herald.labels" $root | nindent 8 }}
        app.kubernetes.io/component: {{ .role }}
        {{- if eq $root.Values.credential "workloadIdentity" }}
        azure.workload.identity/use: "true"
        {{- end }}
      annotations:
        prometheus.io/scrape: "true"
        prometheus.io/port: "9464"
        prometheus.io/path: /metrics
        {{- with $root.Values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ include "herald.serviceAccount" $root }}
      automountServiceAccountToken: false
      # What is on the wire is finished first; the slowest attempt makes a chat and sends twice.
      terminationGracePeriodSeconds: 120
      {{- with $root.Values.image.pullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext:
        runAsNonRoot: true
        runAsUser: 65532
        runAsGroup: 65532
        fsGroup: 65532
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: herald
          image: {{ include "herald.image" $root | quote }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: [ALL]
          env:
            - name: HERALD_ROLE
              value: {{ .role }}
            - name: HERALD_MODE
              value: cloud
            - name: HERALD_ADDR
              value: "0.0.0.0:3978"
            - name: HERALD_METRICS_ADDR
              value: "0.0.0.0:9464"
            - name: HERALD_DATA_DIR
              value: /data
            - name: HERALD_LOG_FORMAT
              value: json
            - name: HERALD_LOG_LEVEL
              value: {{ $root.Values.logLevel }}
            - name: HERALD_CLOUD
              value: {{ $root.Values.cloud }}
            - name: HERALD_PUBLIC_URL
              value: {{ $root.Values.publicUrl | quote }}
            - name: HERALD_APP_ID
              value: {{ $root.Values.appId | quote }}
            - name: HERALD_TENANT_ID
              value: {{ $root.Values.tenantId | quote }}
            {{- with $root.Values.allowedTenants }}
            - name: HERALD_ALLOWED_TENANTS
              value: {{ join "," . | quote }}
            {{- end }}
            - name: HERALD_RATE
              value: {{ $root.Values.rate | quote }}
            - name: HERALD_DATABASE_URL
              valueFrom:
                secretKeyRef: { name: {{ $root.Values.existingSecret }}, key: database-url }
            - name: HERALD_REDIS_URL
              valueFrom:
                secretKeyRef: { name: {{ $root.Values.existingSecret }}, key: redis-url }
            {{- if $root.Values.linkKey }}
            - name: HERALD_LINK_KEY
              valueFrom:
                secretKeyRef: { name: {{ $root.Values.existingSecret }}, key: link-key }
            {{- end }}
            {{- if eq $root.Values.credential "workloadIdentity" }}
            # The file is put there by the workload identity webhook, which also renews it.
            - name: HERALD_FEDERATED_TOKEN_FILE
              value: /var/run/secrets/azure/tokens/azure-identity-token
            {{- else if eq $root.Values.credential "certificate" }}
            - name: HERALD_APP_CERTIFICATE
              value: /secrets/app-certificate.pem
            {{- else }}
            - name: HERALD_APP_SECRET
              valueFrom:
                secretKeyRef: { name: {{ $root.Values.existingSecret }}, key: app-secret }
            {{- end }}
          ports:
            - name: http
              containerPort: 3978
            - name: metrics
              containerPort: 9464
          startupProbe: # the first start of a release changes the schema
            httpGet: { path: /healthz, port: http }
            periodSeconds: 2
            failureThreshold: 150
          livenessProbe: # the process, not what it stands on: a restart mends no database
            httpGet: { path: /healthz, port: http }
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 6
          readinessProbe:
            httpGet: { path: /readyz, port: http }
            periodSeconds: 5
            timeoutSeconds: 5
            failureThreshold: 2
          lifecycle:
            preStop: # until the service has heard of it, requests still come
              sleep: { seconds: {{ if eq .role "web" }}8{{ else }}1{{ end }} }
          resources:
            {{- toYaml .values.resources | nindent 12 }}
          volumeMounts:
            - { name: tmp, mountPath: /tmp }
            - { name: data, mountPath: /data }
            {{- if eq $root.Values.credential "certificate" }}
            - { name: certificate, mountPath: /secrets, readOnly: true }
            {{- end }}
      volumes:
        - name: tmp
          emptyDir: { sizeLimit: 512Mi }
        - name: data
          emptyDir: { sizeLimit: 16Mi }
        {{- if eq $root.Values.credential "certificate" }}
        - name: certificate
          secret:
            secretName: {{ $root.Values.existingSecret }}
            defaultMode: 0440
            items:
              - { key: app-certificate.pem, path: app-certificate.pem }
        {{- end }}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              {{- include "herald.selector" . | nindent 14 }}
      {{- with $root.Values.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $root.Values.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $root.Values.affinity }}
      affinity:
        {{- toYaml . | nindent 8 }}
      {{- end }}
{{- end -}}
