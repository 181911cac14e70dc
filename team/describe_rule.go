package team

// rules says in words which rule refused an attempt.
var rules = map[string]string{
	"permission_missing":  "Their role does not include this.",
	"role_not_managed":    "Their role does not manage that role.",
	"role_not_granted":    "Their role can’t give that role.",
	"own_account":         "Nobody disables their own account here.",
	"own_role":            "Nobody changes their own role here.",
	"owner_by_transfer":   "The owner’s role moves by transfer alone.",
	"last_owner":          "There has to be an owner.",
	"personal_owner":      "A personal organization stays with its owner.",
	"personal_with":       "A personal organization goes with the account of its owner alone.",
	"personal_shared":     "Other people were in the personal organization that goes with the account.",
	"owners_add_owners":   "There is no transfer here: owners add owners.",
	"owner_transfers":     "Only the owner hands over what is theirs.",
	"owner_disabled":      "That person’s account is disabled.",
	"not_member":          "That person is not a member.",
	"sign_in_slowed":      "Too many wrong passwords had been typed.",
	"already_owner":       "That person is the owner already.",
	"no_previous_role":    "The role scheme does not say what the previous owner becomes.",
	"seats_full":          "All seats of the plan are taken.",
	"module_not_granted":  "Nobody gives more of a module than they have.",
	"access_by_removal":   "That would have removed them.",
	"members_only":        "Only people of the organization can be added there.",
	"role_unknown":        "There is no such role.",
	"invitation_accepted": "The invitation was accepted already.",
	"invitation_declined": "The invitation was declined already.",
	"invitation_revoked":  "The invitation was revoked already.",
	"invitation_expired":  "The invitation had expired.",
	"invitation_replaced": "A newer link had been sent.",
	"invitation_void":     "Whoever had invited could no longer give that role.",
	"other_account":       "The invitation was sent to another address.",
	"account_disabled":    "The account is disabled.",
	"address_unproven":    "The address of the account was not confirmed.",
	"phrase_wrong":        "The confirmation phrase was not typed.",
	"password_wrong":      "The password was wrong.",
	"heir_unknown":        "Who should have taken over is no member.",
	"heir_disabled":       "The account of who should have taken over is disabled.",
	"holding_stale":       "What was chosen for had changed meanwhile.",
	"choices_many":        "Too many choices were sent at once.",
	"choice_unknown":      "There is no such choice.",
	"slug_taken":          "The address was taken.",
}

// DescribeRule says in a sentence why an attempt was refused, from the code of
// its entry.
func DescribeRule(code string) string {
	if text, ok := rules[code]; ok {
		return text
	}
	return "Refused by the rule " + code + "."
}
