// Configuration of Allure 3 for the results of a run:
//   allure generate --config reports/allure/allurerc.mjs reports/latest/allure-results
export default {
  name: "BBPS conformance",
  output: "reports/runs/allure",
  historyPath: "reports/runs/allure-history.jsonl",
  // Allure 3 does not read categories.json, so the categories stand here again.
  categories: [
    { name: "Requirement violated", matchers: { statuses: ["failed"], message: /^required: / } },
    { name: "Undecided", matchers: { statuses: ["broken"], message: /^inconclusive: / } },
    { name: "Error of the suite", matchers: { statuses: ["broken"], message: /^error: / } },
  ],
  plugins: {
    awesome: {
      options: { singleFile: true, groupBy: ["epic", "feature", "story"] },
    },
  },
};
