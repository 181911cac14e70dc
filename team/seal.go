package team

import (
	"crypto/rand"

	"golang.org/x/crypto/chacha20poly1305"
)

// Seal encrypts what has to be read back, for one use and about one thing: what
// was sealed about another does not open (trap 9). The nonce is long enough to be
// random however much is sealed.
func (k Keys) Seal(use, about string, text []byte) []byte {
	aead, err := chacha20poly1305.NewX(derive(k.secrets[0].raw, use))
	if err != nil {
		panic("team: make cipher: " + err.Error()) // only for keys of an odd length
	}
	nonce := make([]byte, aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		panic("team: no randomness: " + err.Error())
	}
	return aead.Seal(nonce, nonce, text, []byte(about))
}

// Unseal opens what was sealed with any of the keys; false for what was not.
func (k Keys) Unseal(use, about string, sealed []byte) ([]byte, bool) {
	const nonce = chacha20poly1305.NonceSizeX
	if len(sealed) < nonce {
		return nil, false
	}
	for _, s := range k.secrets {
		aead, err := chacha20poly1305.NewX(derive(s.raw, use))
		if err != nil {
			return nil, false
		}
		if text, err := aead.Open(nil, sealed[:nonce], sealed[nonce:], []byte(about)); err == nil {
			return text, true
		}
	}
	return nil, false
}
