// Configuration of Allure 3 for the results of a run; `bbps-conformance report --allure` uses it too:
//   allure generate --config reports/templates/allurerc.mjs reports/latest/allure-results
export default {
  name: "BBPS conformance",
  output: process.env.BBPS_ALLURE_OUTPUT || "reports/runs/allure",
  historyPath: process.env.BBPS_ALLURE_HISTORY || "reports/runs/allure-history.jsonl",
  // Allure 3 does not read categories.json, so the categories stand here again.
  categories: [
    { name: "Waived", matchers: { statuses: ["failed"], message: /^waived by / } },
    { name: "Non-conformance", matchers: { statuses: ["failed"], message: /^required: / } },
    { name: "Inconclusive", matchers: { statuses: ["broken"], message: /^inconclusive: / } },
    { name: "Error of the suite", matchers: { statuses: ["broken"], message: /^error: / } },
    { name: "Not applicable", matchers: { statuses: ["skipped"], message: /^not applicable: / } },
  ],
  plugins: {
    awesome: {
      options: { singleFile: true, groupBy: [`epic`, `feature`, `story`] },
    },
  },
};
