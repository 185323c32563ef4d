package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"herald/infra/health"
)

// errUnwell is the doctor's exit: something must be mended.
var errUnwell = errors.New("something needs mending; see above")

// Doctor checks what Herald stands on by using it, and prints one line for each part with cause and remedy, or all of it
// as JSON. packageFile may name an app package to compare with. The error is nil only if all is well; warnings are.
func Doctor(ctx context.Context, cfg Config, cfgErr error, packageFile string, asJSON bool, log *slog.Logger, w io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var report health.Report
	if cfgErr != nil {
		var wrong *configError
		if !errors.As(cfgErr, &wrong) {
			return cfgErr
		}
		report = health.Misconfigured(time.Now(), wrong.variable, wrong.problem, wrong.remedy)
	} else {
		s, done := doctor(ctx, cfg, packageFile, log)
		defer done()
		report = s.Check(ctx)
	}
	if asJSON {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		if err := e.Encode(report); err != nil {
			return err
		}
	} else {
		for _, f := range report.Findings {
			fmt.Fprintf(w, "%-8s %-28s %s\n", f.State, f.What, f.Cause)
			if f.Remedy != "" {
				fmt.Fprintf(w, "%-8s %-28s %s\n", "", "", f.Remedy)
			}
		}
	}
	if report.State == health.Problem {
		return errUnwell
	}
	return nil
}
