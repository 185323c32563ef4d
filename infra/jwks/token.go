package jwks

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Leeway is how far clocks may differ, both ways (platform.md §3).
const Leeway = 5 * time.Minute

// maxHeader bounds an Authorization header. Entra's tokens stay under 8 kB.
const maxHeader = 16 << 10

// Reason is a stable word for why a token was refused. It may be told to the
// caller: it says nothing that the caller's own token does not.
type Reason string

const (
	NoToken            Reason = "no_token"
	Malformed          Reason = "malformed"
	WrongAlgorithm     Reason = "wrong_algorithm"
	WrongIssuer        Reason = "wrong_issuer"
	WrongAudience      Reason = "wrong_audience"
	UnknownKey         Reason = "unknown_key"
	NotEndorsed        Reason = "not_endorsed"
	BadSignature       Reason = "bad_signature"
	Expired            Reason = "expired"
	NotYetValid        Reason = "not_yet_valid"
	ServiceURLMismatch Reason = "service_url_mismatch"
	TenantNotAllowed   Reason = "tenant_not_allowed"
	MissingScope       Reason = "missing_scope"
	KeysUnavailable    Reason = "keys_unavailable"
)

// Error is why a token was refused.
type Error struct {
	Reason Reason
	Err    error // for the log; may be nil
}

// Refuse makes an Error; format and args are for the log and hold no secret.
func Refuse(reason Reason, format string, args ...any) *Error {
	return &Error{Reason: reason, Err: fmt.Errorf(format, args...)}
}

func (e *Error) Error() string {
	if e.Err == nil {
		return "token refused: " + string(e.Reason)
	}
	return "token refused: " + string(e.Reason) + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// HTTPStatus is what the edge answers: 401 when another token would help, 403
// when the token is genuine but its holder may not, 503 when we cannot tell.
func (e *Error) HTTPStatus() int {
	switch e.Reason {
	case TenantNotAllowed, MissingScope:
		return http.StatusForbidden
	case KeysUnavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusUnauthorized
	}
}

// Token is a token of the right form, signed with an allowed algorithm; whether
// the signature is good is not known before Verify.
type Token struct {
	KeyID string
	jwt   *jwt.JSONWebToken
}

// Parse reads "Bearer <token>". Errors are *Error: NoToken, Malformed, or
// WrongAlgorithm, which covers "none" and every HMAC: with those a published key
// would be the secret.
func Parse(authorization string) (*Token, error) {
	scheme, raw, _ := strings.Cut(strings.TrimSpace(authorization), " ")
	raw = strings.TrimSpace(raw)
	switch {
	case authorization == "":
		return nil, &Error{Reason: NoToken}
	case !strings.EqualFold(scheme, "Bearer"):
		return nil, Refuse(NoToken, "authorization scheme is not Bearer")
	case raw == "":
		return nil, &Error{Reason: NoToken}
	case len(raw) > maxHeader:
		return nil, Refuse(Malformed, "token has %d bytes", len(raw))
	}
	token, err := jwt.ParseSigned(raw, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		var alg *jose.ErrUnexpectedSignatureAlgorithm
		if errors.As(err, &alg) {
			return nil, &Error{Reason: WrongAlgorithm, Err: err}
		}
		return nil, &Error{Reason: Malformed, Err: err}
	}
	if len(token.Headers) != 1 || token.Headers[0].KeyID == "" {
		return nil, Refuse(Malformed, "token names no key")
	}
	return &Token{KeyID: token.Headers[0].KeyID, jwt: token}, nil
}

// Unverified decodes claims that anybody may have written. It serves to find the
// keys, and to refuse foreign tokens before asking anybody for keys.
func (t *Token) Unverified(claims ...any) error {
	if err := t.jwt.UnsafeClaimsWithoutVerification(claims...); err != nil {
		return &Error{Reason: Malformed, Err: err}
	}
	return nil
}

// Verify checks the signature with the key that the token names, and decodes the
// claims. Errors are *Error: UnknownKey, KeysUnavailable, BadSignature, Malformed;
// or ctx's error.
func (t *Token) Verify(ctx context.Context, keys *Set, claims ...any) (Key, error) {
	key, err := keys.Key(ctx, t.KeyID)
	switch {
	case errors.Is(err, ErrUnknownKey):
		return Key{}, &Error{Reason: UnknownKey, Err: err}
	case errors.Is(err, ErrUnavailable):
		return Key{}, &Error{Reason: KeysUnavailable, Err: err}
	case err != nil:
		return Key{}, err
	}
	err = t.jwt.Claims(key.Public, claims...)
	switch {
	case errors.Is(err, jose.ErrCryptoFailure):
		return Key{}, &Error{Reason: BadSignature, Err: err}
	case err != nil:
		return Key{}, &Error{Reason: Malformed, Err: err}
	}
	return key, nil
}

// CheckTime refuses tokens outside of their validity, give or take Leeway. A
// token must say when it expires; nbf may be absent. Errors are *Error: Expired,
// NotYetValid, Malformed.
func CheckTime(c jwt.Claims, now time.Time) error {
	if c.Expiry == nil {
		return Refuse(Malformed, "token does not say when it expires")
	}
	if exp := c.Expiry.Time(); now.After(exp.Add(Leeway)) {
		return Refuse(Expired, "expired at %s", exp.UTC().Format(time.RFC3339))
	}
	if c.NotBefore != nil {
		if nbf := c.NotBefore.Time(); now.Before(nbf.Add(-Leeway)) {
			return Refuse(NotYetValid, "valid from %s", nbf.UTC().Format(time.RFC3339))
		}
	}
	return nil
}
