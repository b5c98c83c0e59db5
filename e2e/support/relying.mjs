// Another application whose people log in with their account here: a server of its own, with openid-client for the protocol.
import { createServer } from "node:http";
import * as openid from "openid-client";

/** As solution/transport/pack/clients.toml registers it. */
const ORIGIN = "http://127.0.0.1:8799";
const REDIRECT = `${ORIGIN}/callback`;
const CODE = "example-app";
const SECRET = "demo-client-secret";

export const SECRET_IN = { header: openid.ClientSecretBasic(SECRET), form: openid.ClientSecretPost(SECRET) };

export class Application {
  /** Reads the program's configuration and waits for people. */
  static async open(url, authentication = SECRET_IN.header) {
    // The program under test speaks no TLS; signatures are checked as they would be where nobody trusts the connection.
    const execute = [openid.allowInsecureRequests, openid.enableNonRepudiationChecks];
    const config = await openid.discovery(new URL(url), CODE, undefined, authentication, { execute });
    const application = new Application(config);
    await new Promise((resolve, reject) => application.server.once("error", reject).listen(8799, "127.0.0.1", resolve));
    return application;
  }

  constructor(config) {
    this.config = config;
    this.server = createServer((request, answer) => {
      if (request.url.startsWith("/callback")) this.returned = new URL(request.url, ORIGIN);
      answer.writeHead(200, { "content-type": "text/html; charset=utf-8" });
      const words = this.returned ? "已回到示例应用" : `<a href="${this.login ?? ""}">用政务服务账号登录</a>`;
      answer.end(`<!doctype html><html lang="zh-CN"><title>示例应用</title><main>${words}</main></html>`);
    });
  }

  close() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  /** Lets a page come to this application as well. */
  async welcome(page) {
    await page.context().route(`${ORIGIN}/**`, (route) => route.continue());
    return page;
  }

  /** The page shows this application, and its link to the login here is pressed. */
  async begin(page, wish = {}) {
    this.returned = undefined;
    this.verifier = openid.randomPKCECodeVerifier();
    this.state = openid.randomState();
    this.nonce = openid.randomNonce();
    this.login = openid.buildAuthorizationUrl(this.config, {
      redirect_uri: REDIRECT,
      scope: "openid profile real_name",
      code_challenge: await openid.calculatePKCECodeChallenge(this.verifier),
      code_challenge_method: "S256",
      state: this.state,
      nonce: this.nonce,
      ...wish,
    }).href.replaceAll("&", "&amp;");
    await page.goto(ORIGIN);
    await page.getByRole("link", { name: "用政务服务账号登录" }).click();
    await page.waitForLoadState();
  }

  /** The page is back here. */
  async back(page) {
    await page.getByText("已回到示例应用").waitFor();
  }

  /** What openid-client makes of what came back; it checks state, issuer, nonce, audience, times and the signature. */
  redeem(changes = {}) {
    const expected = { pkceCodeVerifier: this.verifier, expectedState: this.state, expectedNonce: this.nonce, idTokenExpected: true };
    return openid.authorizationCodeGrant(this.config, this.returned, { ...expected, ...changes });
  }

  claims(tokens) {
    return openid.fetchUserInfo(this.config, tokens.access_token, tokens.claims().sub);
  }
}

export const anotherVerifier = () => openid.randomPKCECodeVerifier();
