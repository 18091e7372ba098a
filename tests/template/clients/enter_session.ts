import type { Client } from "openapi-fetch";
import type { paths } from "./application.js";

/** Sign in with a password, and return what each request has to carry. */
export async function enter(client: Client<paths>, email: string, password: string): Promise<Record<string, string>> {
  const { error, response } = await client.POST("/api/v1/auth/session", { body: { email, password } });
  if (error) throw new Error(error.detail);
  return { Cookie: response.headers.getSetCookie()[0]!.split(";")[0]! };
}
