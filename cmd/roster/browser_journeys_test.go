package main

// journeys are what people do, each under the rows of the product that it proves.
var journeys = map[string]func(*play){
	"A3 A4 B1 D9 E1 S2 an owner sets up and invites three":     inviteThree,
	"A5 B7 F9 S6 an invitation is resent and another revoked":  resendAndRevoke,
	"D9 an invitation is declined, others accepted in the app": answerInTheApp,
	"D9 D1 four ways into a project":                           fourWaysIn,
	"D4 D7 people are found, and invited into places":          invitePlaces,
	"F8 F14 without mail a link is copied":                     copyLink,
	"S1 a scanner opens the link many times":                   scan,
	"A6 E4 E5 a role is changed in its row":                    changeRole,
	"B3 a role change is confirmed":                            confirmRole,
	"B6 ownership is transferred":                              transfer,
	"A8 B9 F2 somebody looks at a member":                      lookAtMember,
	"C9 D3 members are searched, filtered, sorted and paged":   search,
	"A7 B5 E6 D1 somebody is removed while looking on":         remove,
	"F13 who is removed hands over what they hold":             offboard,
	"D1 a token is made, seen once, used and revoked":          keepToken,
	"G3 the checks notice what is wrong":                       notice,
	"the keyboard alone invites and reads a tip":               keyboard,
	"D7 nothing is left after signing out":                     signOut,
	"G4 markup in every field runs nothing":                    markup,
	"F4 D5 a password is reset":                                resetPassword,
	"D10 an address is changed":                                changeAddress,
	"C6 C10 roles are managed by the keyboard alone":           manageRoles,
	"D8 other browsers are signed out, the account is deleted": endSessions,
}
