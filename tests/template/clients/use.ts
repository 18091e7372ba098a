// What a client does with the types that openapi-typescript made of the document.
import createClient from "openapi-fetch";
import type { components, paths } from "./application.js";
import { enter } from "./enter.js";

const baseUrl = process.argv[2]!;
const account = { email: "hedy@example.com", password: "correct horse battery" };

function expect(holds: boolean, what: unknown): void {
  if (!holds) throw new Error(JSON.stringify(what));
}

const stranger = createClient<paths>({ baseUrl });
const registered = await stranger.POST("/api/v1/users", { body: account });
expect(registered.data?.email === account.email, registered.error);
const client = createClient<paths>({ baseUrl, headers: await enter(stranger, account.email, account.password) });

for (const [number, status] of (["active", "active", "draft"] as const).entries()) {
  const made = await client.POST("/api/v1/items", { body: { name: `Bicycle ${number}`, price: "120.00", status } });
  expect(made.response.status === 201, made.error);
}

const found: components["schemas"]["ItemRead"][] = [];
for (let after: string | null | undefined; after !== null; ) {
  const query = { status: ["active" as const], sort: ["-created_at" as const], limit: 1, after };
  const page = await client.GET("/api/v1/items", { params: { query } });
  if (page.error) throw new Error(page.error.detail);
  found.push(...page.data.items);
  after = page.data.next;
}
expect(found.map((item) => item.name).join() === "Bicycle 1,Bicycle 0", found);

const path = { item_id: found[0]!.id };
const read = await client.GET("/api/v1/items/{item_id}", { params: { path } });
const header = { "If-Match": read.response.headers.get("ETag") ?? "" };
for (const status of [200, 412]) {
  const changed = await client.PATCH("/api/v1/items/{item_id}", { params: { path, header }, body: { price: "99.00" } });
  expect(changed.response.status === status, changed.error);
}
const gone = await client.DELETE("/api/v1/items/{item_id}", { params: { path } });
expect(gone.response.status === 204, gone.error);
const missing = await client.GET("/api/v1/items/{item_id}", { params: { path } });
expect(missing.error?.code === "item_not_found", missing);
