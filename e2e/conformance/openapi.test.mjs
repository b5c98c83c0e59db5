// schemathesis reads the OpenAPI document and tries every operation with what fits it and what does not. No answer may be a
// failure of the server, and every answer has the form that the document declares. Seed and number of examples are fixed.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as application from "../support/application.mjs";
import { journey } from "../support/journey.mjs";
import { obtain } from "../support/licence.mjs";
import * as office from "../support/office.mjs";
import { folder, peer, watch } from "../support/peers.mjs";
import { PASSWORD, citizen, officer } from "../support/people.mjs";

const CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance", "ignored_auth"];
/** It ends the session that tries it; it comes last, alone. */
const LEAVING = "/api/v1/sessions/current/end";
/** Open to no session: one to a gateway by its signature, two to applications by secret or token. */
const OTHERWISE = ["POST /api/v1/messages/receipts", "POST /oauth2/token", "GET /oauth2/userinfo"];
const METHODS = ["get", "post"];

/** Logs in as a program. Gives the token, and a way to ask with it. */
async function open(url, kind, login) {
  const ask = async (place, body, token) => {
    const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
    const answer = await fetch(`${url}/api/v1${place}`, { headers, ...(body && { method: "POST", body: JSON.stringify(body) }) });
    assert.equal(answer.status, 200, `${place} ${await answer.clone().text()}`);
    return answer.json();
  };
  const { token } = await ask("/sessions", { kind, login, password: PASSWORD });
  return { token, ask: (place, body) => ask(place, body, token) };
}

/** Another session of the same person, so that the runs have one to end. */
async function spare(url, kind, login, ask) {
  await open(url, kind, login);
  return (await ask("/me/sessions")).items.find((session) => !session.current).id;
}

/** One run. `known` gives operations an id that exists, so that more than “not found” is tried. Answers with the report. */
async function explore(url, { document = `${url}/api/v1/openapi.json`, token, known = {}, more = [] } = {}) {
  const place = folder();
  const [settings, report] = ["schemathesis.toml", "report.json"].map((name) => path.join(place, name));
  const ids = Object.entries(known).map(([route, id]) => `[[operations]]\ninclude-path = "${route}"\nparameters = { ${/{(\w+)}/.exec(route)[1]} = "${id}" }\n`);
  writeFileSync(settings, ids.join("\n"));
  const options = ["--seed", "20261122", "--max-examples", "25", "--checks", CHECKS.join(","), "--continue-on-failure"];
  options.push("--report", "json", "--report-json-path", report, "--no-color", ...more);
  if (token) options.push("--header", `Authorization: Bearer ${token}`);
  const { words } = await watch(peer("schemathesis"), ["--config-file", settings, "run", document, "--url", url, ...options], { cwd: place });
  return { words, ...JSON.parse(readFileSync(report, "utf8")) };
}

/** Nothing failed, everything chosen was tried, and nothing that should have answered was out of reach. */
function assertSound(report, reached = []) {
  assert.deepEqual([report.failures, report.errors, report.exit_code], [[], [], 0], report.words);
  assert.equal(report.operations.tested, report.operations.selected, report.words);
  const { missing_auth: closed, missing_test_data: missing } = report.warnings;
  const out = reached.filter((route) => [...closed, ...missing].some((operation) => operation.split(" ")[1] === route));
  assert.deepEqual(out, [], report.words);
}

async function document(url) {
  return (await fetch(`${url}/api/v1/openapi.json`)).json();
}

journey("a stranger makes no operation fail, and every closed one stays closed", async ({ url }) => {
  const report = await explore(url);
  assertSound(report);
  const { paths } = await document(url);
  const routes = Object.entries(paths).flatMap(([route, operations]) => METHODS.map((method) => [method, route, operations[method]]));
  const closed = routes.filter(([, , operation]) => operation?.security).map(([method, route]) => `${method.toUpperCase()} ${route}`);
  assert.ok(closed.length > 15, "most operations are closed");
  assert.deepEqual([...report.warnings.missing_auth].sort(), [...closed, ...OTHERWISE].sort());
});

journey("a citizen with a case and a licence makes no operation fail", async (kit) => {
  const { submitted, face } = await obtain(kit, "ceshi3");
  await office.handle(await officer(await kit.desktop(), "acceptor"), submitted.number, "电子送达");
  const { token, ask } = await open(kit.url, "citizen", "ceshi3");
  const { draft } = await ask("/drafts", { item: "taxi-driver-reissue" });
  const known = {
    "/api/v1/items/{code}": "road-driver-reissue",
    "/api/v1/drafts/{id}": draft,
    "/api/v1/drafts/{id}/submit": draft,
    "/api/v1/cases/{id}": submitted.id,
    "/api/v1/cases/{id}/review": submitted.id,
    "/api/v1/licences/{id}": face.id,
    "/api/v1/messages/{id}/read": (await ask("/messages")).messages[0].id,
    "/api/v1/me/sessions/{id}/revoke": await spare(kit.url, "citizen", "ceshi3", ask),
  };
  assertSound(await explore(kit.url, { token, known, more: ["--exclude-path", LEAVING] }), Object.keys(known));
});

journey("an officer with a review to verify makes no operation fail", async (kit) => {
  await rateBadly(kit);
  const { token, ask } = await open(kit.url, "staff", "supervisor");
  const [review] = (await ask("/reviews")).reviews;
  const known = {
    "/api/v1/cases/{id}": (await ask("/cases")).cases[0].id,
    "/api/v1/reviews/{id}": review.id,
    "/api/v1/reviews/{id}/verify": review.id,
    "/api/v1/reviews/{id}/feedback": review.id,
    "/api/v1/me/sessions/{id}/revoke": await spare(kit.url, "staff", "supervisor", ask),
  };
  const reached = [...Object.keys(known), "/api/v1/reviews", "/api/v1/reviews/statistics", "/api/v1/audit"];
  assertSound(await explore(kit.url, { token, known, more: ["--exclude-path", LEAVING] }), reached);
  assertSound(await explore(kit.url, { token, more: ["--include-path", LEAVING] }));
});

journey("a document that promises something else than the server gives is caught", async ({ url }) => {
  const wrong = await document(url);
  wrong.paths["/api/v1/items"].get.responses["200"].content["application/json"].schema = { type: "object", required: ["things"] };
  const file = path.join(folder(), "openapi.json");
  writeFileSync(file, JSON.stringify(wrong));
  const report = await explore(url, { document: file, more: ["--include-path", "/api/v1/items"] });
  assert.equal(report.exit_code, 1, report.words);
  assert.match(report.words, /things/);
});

/** A case that ends soon and displeases. */
async function rateBadly(kit) {
  const { number, id } = await application.apply(await citizen(await kit.desktop(), "ceshi4"));
  await office.handle(await officer(await kit.desktop(), "acceptor"), number, "不予受理", "不属于受理范围");
  const { ask } = await open(kit.url, "citizen", "ceshi4");
  await ask(`/cases/${id}/review`, { level: 5, tags: [], words: "没有说明理由" });
}
