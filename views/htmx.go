package views

// htmxConfig lets htmx run under a policy without inline scripts or styles,
// keeps pages out of the browser's storage, and swaps the fragments that come
// with error statuses: a refused form comes back with what was typed.
const htmxConfig = `{"allowEval":false,"allowScriptTags":false,"includeIndicatorStyles":false,` +
	`"selfRequestsOnly":true,"historyCacheSize":0,"scrollIntoViewOnBoost":false,` +
	`"responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},{"code":"[45]..","swap":true,"error":true}]}`
