import type { Client } from "openapi-fetch";
import type { paths } from "./application.js";

/** Sign in with a password, and return what each request has to carry. */
export async function enter(client: Client<paths>, email: string, password: string): Promise<Record<string, string>> {
  const { data, error } = await client.POST("/api/v1/auth/token", {
    body: { grant_type: "password", username: email, password },
    bodySerializer: (body) => new URLSearchParams(Object.entries(body)),
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
  });
  if (error) throw new Error(error.detail);
  return { Authorization: `Bearer ${data.access_token}` };
}
