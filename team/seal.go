package team

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
)

// Seal encrypts what has to be read back, for one use and about one thing: what
// was sealed about another does not open (trap 9).
func (k Keys) Seal(use, about string, text []byte) []byte {
	gcm := sealer(k.secrets[0].raw, use)
	nonce := make([]byte, gcm.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		panic("team: no randomness: " + err.Error())
	}
	return gcm.Seal(nonce, nonce, text, []byte(about))
}

// Unseal opens what was sealed with any of the keys; false for what was not.
func (k Keys) Unseal(use, about string, sealed []byte) ([]byte, bool) {
	for _, s := range k.secrets {
		gcm := sealer(s.raw, use)
		if len(sealed) < gcm.NonceSize() {
			return nil, false
		}
		nonce, rest := sealed[:gcm.NonceSize()], sealed[gcm.NonceSize():]
		if text, err := gcm.Open(nil, nonce, rest, []byte(about)); err == nil {
			return text, true
		}
	}
	return nil, false
}

func sealer(secret []byte, use string) cipher.AEAD {
	block, err := aes.NewCipher(derive(secret, use))
	if err != nil {
		panic("team: make cipher: " + err.Error()) // only for keys of an odd length
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic("team: make cipher: " + err.Error()) // only for odd ciphers
	}
	return gcm
}
