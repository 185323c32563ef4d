package check

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

const chartDir = "../helm/herald"

type values = map[string]any

var ids = values{
	"publicUrl": "https://herald.example.com", "appId": settings["HERALD_APP_ID"], "tenantId": settings["HERALD_TENANT_ID"],
}

func with(more values) values {
	v := maps.Clone(ids)
	maps.Copy(v, more)
	return v
}

// objects is what a chart makes, by kind and name, each decoded into Kubernetes' own types: an unknown or misplaced field fails.
type objects struct {
	deployments map[string]*appsv1.Deployment
	service     *corev1.Service
	account     *corev1.ServiceAccount
	ingress     *networkingv1.Ingress
	budgets     []*policyv1.PodDisruptionBudget
	scaler      *autoscalingv2.HorizontalPodAutoscaler
}

func render(t *testing.T, v values) (objects, error) {
	t.Helper()
	c, err := loader.Load(chartDir)
	if err != nil {
		t.Fatal(err)
	}
	all, err := chartutil.ToRenderValues(c, v, chartutil.ReleaseOptions{Name: "news", Namespace: "comms", IsInstall: true, Revision: 1}, chartutil.DefaultCapabilities)
	if err != nil {
		return objects{}, err
	}
	files, err := engine.Render(c, all)
	if err != nil {
		return objects{}, err
	}
	out := objects{deployments: map[string]*appsv1.Deployment{}}
	for file, text := range files {
		if strings.HasSuffix(file, ".txt") {
			continue
		}
		for _, doc := range strings.Split(text, "\n---\n") {
			if strings.TrimSpace(doc) == "" {
				continue
			}
			var head metav1.TypeMeta
			if err := yaml.Unmarshal([]byte(doc), &head); err != nil {
				return out, fmt.Errorf("%s: %w\n%s", file, err, doc)
			}
			var into any
			switch head.APIVersion + " " + head.Kind {
			case "apps/v1 Deployment":
				d := &appsv1.Deployment{}
				into = d
			case "v1 Service":
				out.service = &corev1.Service{}
				into = out.service
			case "v1 ServiceAccount":
				out.account = &corev1.ServiceAccount{}
				into = out.account
			case "networking.k8s.io/v1 Ingress":
				out.ingress = &networkingv1.Ingress{}
				into = out.ingress
			case "policy/v1 PodDisruptionBudget":
				b := &policyv1.PodDisruptionBudget{}
				out.budgets = append(out.budgets, b)
				into = b
			case "autoscaling/v2 HorizontalPodAutoscaler":
				out.scaler = &autoscalingv2.HorizontalPodAutoscaler{}
				into = out.scaler
			default:
				return out, fmt.Errorf("%s makes a %s %s", file, head.APIVersion, head.Kind)
			}
			if err := yaml.UnmarshalStrict([]byte(doc), into); err != nil {
				return out, fmt.Errorf("%s: %w\n%s", file, err, doc)
			}
			if d, ok := into.(*appsv1.Deployment); ok {
				out.deployments[d.Name] = d
			}
		}
	}
	return out, nil
}

func TestChartLints(t *testing.T) {
	for _, m := range lint.All(chartDir, with(nil), "comms", true).Messages {
		if !strings.Contains(m.Error(), "icon is recommended") {
			t.Error(m)
		}
	}
}

func env(d *appsv1.Deployment, name string) (out corev1.EnvVar) {
	for _, e := range d.Spec.Template.Spec.Containers[0].Env {
		if e.Name == name {
			return e
		}
	}
	return out
}

func TestChart(t *testing.T) {
	for name, v := range map[string]values{
		"defaults":    with(nil),
		"secret":      with(values{"credential": "secret", "linkKey": true, "podDisruptionBudget": values{"enabled": false}}),
		"certificate": with(values{"credential": "certificate", "image": values{"digest": "sha256:abc", "pullSecrets": []any{values{"name": "pull"}}}}),
		"everything": with(values{
			"web": values{"autoscaling": values{"enabled": true}}, "allowedTenants": []any{settings["HERALD_TENANT_ID"], settings["HERALD_APP_ID"]},
			"ingress": values{"className": "nginx", "annotations": values{"a/b": "c"}}, "service": values{"annotations": values{"a/b": "c"}}, "podAnnotations": values{"a/b": "c"},
			"nodeSelector": values{"pool": "apps"}, "tolerations": []any{values{"key": "apps", "operator": "Exists"}}, "serviceAccount": values{"annotations": values{"a/b": "c"}},
			"affinity": values{"nodeAffinity": values{"requiredDuringSchedulingIgnoredDuringExecution": values{"nodeSelectorTerms": []any{values{"matchExpressions": []any{values{"key": "a", "operator": "Exists"}}}}}}},
		}),
	} {
		t.Run(name, func(t *testing.T) {
			o, err := render(t, v)
			if err != nil {
				t.Fatal(err)
			}
			web, worker := o.deployments["news-web"], o.deployments["news-worker"]
			if web == nil || worker == nil || len(o.deployments) != 2 || o.service == nil || o.account == nil || o.ingress == nil {
				t.Fatalf("not everything is made: %+v", o)
			}
			for role, d := range map[string]*appsv1.Deployment{"web": web, "worker": worker} {
				pod := d.Spec.Template
				for k, want := range d.Spec.Selector.MatchLabels {
					if pod.Labels[k] != want {
						t.Errorf("%s selects %s=%s, its pods have %q", role, k, want, pod.Labels[k])
					}
				}
				if env(d, "HERALD_ROLE").Value != role {
					t.Errorf("%s has the role %s", role, env(d, "HERALD_ROLE").Value)
				}
				c, s := pod.Spec.Containers[0], pod.Spec.SecurityContext
				if !*s.RunAsNonRoot || *s.RunAsUser == 0 || s.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault || !*c.SecurityContext.ReadOnlyRootFilesystem ||
					*c.SecurityContext.AllowPrivilegeEscalation || c.SecurityContext.Capabilities.Drop[0] != "ALL" || *pod.Spec.AutomountServiceAccountToken {
					t.Errorf("%s does not keep Kubernetes' restricted standard", role)
				}
				if c.LivenessProbe.HTTPGet.Path != "/healthz" || c.ReadinessProbe.HTTPGet.Path != "/readyz" || c.StartupProbe == nil || c.Lifecycle.PreStop.Sleep.Seconds <= 0 {
					t.Errorf("%s: probes %+v", role, c)
				}
				if *pod.Spec.TerminationGracePeriodSeconds < c.Lifecycle.PreStop.Sleep.Seconds+60 || d.Spec.Strategy.RollingUpdate.MaxUnavailable.IntValue() != 0 {
					t.Errorf("%s is cut off when it is replaced", role)
				}
				if c.Resources.Limits.Memory().IsZero() || c.Resources.Requests.Cpu().IsZero() {
					t.Errorf("%s has no limits", role)
				}
				mounts := map[string]bool{}
				for _, m := range c.VolumeMounts {
					mounts[m.MountPath] = true
				}
				if !mounts["/tmp"] || !mounts["/data"] {
					t.Errorf("%s has nowhere to write: %v", role, mounts)
				}
				for _, secret := range []string{"HERALD_DATABASE_URL", "HERALD_REDIS_URL"} {
					if e := env(d, secret); e.Value != "" || e.ValueFrom == nil || e.ValueFrom.SecretKeyRef.Name != "herald" {
						t.Errorf("%s: %s does not come from a secret: %+v", role, secret, e)
					}
				}
				credentials := 0
				for _, e := range c.Env {
					switch e.Name {
					case "HERALD_FEDERATED_TOKEN_FILE", "HERALD_APP_SECRET", "HERALD_APP_CERTIFICATE":
						credentials++
					}
				}
				if credentials != 1 {
					t.Errorf("%s has %d credentials", role, credentials)
				}
			}
			for k, want := range o.service.Spec.Selector {
				if web.Spec.Template.Labels[k] != want {
					t.Errorf("the service selects %s=%s", k, want)
				}
			}
			if worker.Spec.Template.Labels["app.kubernetes.io/component"] == o.service.Spec.Selector["app.kubernetes.io/component"] {
				t.Error("the service leads to workers")
			}
			rule := o.ingress.Spec.Rules[0]
			if rule.Host != "herald.example.com" {
				t.Errorf("the ingress is for %s", rule.Host)
			}
			for _, p := range rule.HTTP.Paths {
				if p.Path == "/metrics" || p.Path == "/" || p.Backend.Service.Name != o.service.Name || p.Backend.Service.Port.Name != o.service.Spec.Ports[0].Name {
					t.Errorf("the ingress leads %s to %+v", p.Path, p.Backend.Service)
				}
			}
			if web.Spec.Template.Spec.ServiceAccountName != o.account.Name {
				t.Errorf("pods run as %s, the account is %s", web.Spec.Template.Spec.ServiceAccountName, o.account.Name)
			}
			switch name {
			case "everything":
				if o.scaler == nil || o.scaler.Spec.ScaleTargetRef.Name != web.Name || web.Spec.Replicas != nil {
					t.Error("the autoscaler and the deployment fight over the number of pods, or there is none")
				}
				if got := env(web, "HERALD_ALLOWED_TENANTS").Value; strings.Count(got, ",") != 1 {
					t.Errorf("allowed tenants %q", got)
				}
			case "certificate":
				if image := web.Spec.Template.Spec.Containers[0].Image; image != "herald@sha256:abc" {
					t.Errorf("image %s", image)
				}
			case "defaults":
				if web.Spec.Template.Labels["azure.workload.identity/use"] != "true" || o.account.Annotations["azure.workload.identity/client-id"] == "" || len(o.budgets) != 2 {
					t.Error("no workload identity, or no disruption budget")
				}
			case "secret":
				if len(o.budgets) != 0 || env(web, "HERALD_LINK_KEY").ValueFrom == nil {
					t.Error("switches do nothing")
				}
			}
		})
	}
}

// A value that cannot work is refused before anything is made.
func TestChartRefuses(t *testing.T) {
	for field, v := range map[string]values{
		"publicUrl":  with(values{"publicUrl": "http://herald.example.com"}),
		"appId":      with(values{"appId": "herald"}),
		"tenantId":   with(values{"tenantId": ""}),
		"credential": with(values{"credential": "password"}),
		"cloud":      with(values{"cloud": "mars"}),
		"replicas":   with(values{"worker": values{"replicas": 0}}),
		"rate":       with(values{"rate": "fast"}),
	} {
		if _, err := render(t, v); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: %v", field, err)
		}
	}
}
