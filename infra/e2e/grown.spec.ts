import { expect, test } from "./fixtures.ts";

test.use({ settings: { HERALD_APPROVAL_ABOVE: "2" } });

test("an audience that has grown when its campaign starts is not sent to; one of those asked decides, and all cards say so", async ({
  teams,
  herald,
  api,
}) => {
  const { tab } = teams;
  const { sandbox } = herald;
  await sandbox.install(25);
  const people = await sandbox.people();
  const of = (role: string) => {
    const found = people.find((each) => each.roles.includes(role));
    if (!found) throw new Error(`nobody has the role ${role}`);
    return found;
  };
  const [publisher, admin, author] = [of("Publisher"), of("Admin"), of("Author")];
  const recipients = people.filter((each) => each.roles.length === 0).slice(0, 3);
  const list = await api.send<{ id: string }>("POST", "/lists", { name: "Team", columns: [] });
  const add = (email: string) => api.send("POST", `/lists/${list.id}/members`, { email });
  for (const each of recipients.slice(0, 2)) await add(each.upn);
  // Who may decide is known by their tab.
  await teams.open({ as: "Admin" });
  await teams.open({ as: "Publisher", chats: [publisher, admin, author] });

  const name = "Pay rise **[here](https://evil.example)**";
  const draft = await api.send<{ id: string }>("POST", "/campaigns", {
    name,
    format: "message",
    content: { text: "Hello [FIRSTNAME]" },
    audience: { listIds: [list.id] },
  });
  await api.start(draft.id, new Date((await sandbox.now()).getTime() + 3_600_000));
  expect((await api.campaign(draft.id)).status).toBe("scheduled");
  for (const each of recipients.slice(2)) await add(each.upn);
  await sandbox.advance("61m");

  await test.step("it waits for approval, its author knows, and those who decide are asked", async () => {
    await expect.poll(async () => (await api.campaign(draft.id)).status).toBe("draft");
    const asked = /A campaign has grown and waits for your approval|Une campagne a grandi et attend/;
    await expect(teams.messages(publisher, asked)).toHaveCount(1);
    await expect(teams.messages(admin, asked)).toHaveCount(1);
    await expect(teams.messages(author, "has not been sent: its audience has grown to 3 people")).toHaveCount(1);
    // The name is what its author wrote: no link.
    await expect(teams.messages(publisher, /Pay rise \*\*\[here\]/)).toHaveCount(1);
    await expect(teams.chat(publisher).getByRole("link", { name: "here" })).toHaveCount(0);
    expect(await sandbox.received(recipients[0] ?? author, "Hello")).toBe(0);
  });

  await test.step("after a day the chat sends to the tab", async () => {
    await sandbox.advance("25h");
    await teams.chat(admin).getByRole("button", { name: /^Appr/ }).click();
    await expect(teams.chat(admin).getByText(/Open Herald to decide|Ouvrez Herald pour décider/)).toBeVisible();
    expect((await api.campaign(draft.id)).status).toBe("draft");
  });

  await test.step("the page says why it was not sent, and takes the decision", async () => {
    await teams.visit({ as: "Publisher", chats: [publisher, admin, author], subEntityId: `campaign/${draft.id}` });
    await expect(tab.text(/^Not sent: .* its audience had grown to 3 people/)).toBeVisible();
    await expect(tab.frame.getByRole("region", { name: /^Chat with/ }).getByText(/^Hello /)).toBeVisible();
    await tab.button("Approve").click();
    await tab
      .dialog(/^Approve/)
      .getByRole("button", { name: "Approve" })
      .click();
    await expect.poll(async () => (await api.campaign(draft.id)).status).toBe("completed");
    for (const each of recipients) expect(await sandbox.received(each, "Hello")).toBe(1);
  });

  await test.step("nobody's card can be decided on any more", async () => {
    for (const each of [publisher, admin]) {
      await expect(teams.messages(each, /Approved|Approuvée/)).toHaveCount(1);
      await expect(teams.chat(each).getByRole("button", { name: /^Appr/ })).toHaveCount(0);
    }
    await expect(teams.messages(author, "approved the campaign")).toHaveCount(1);
  });

  await test.step("the log says who did what, in words", async () => {
    await teams.visit({ as: "Admin", chats: [author] });
    await tab.frame.getByRole("navigation").getByText("Administration").click();
    await tab.frame.getByText("Audit log").first().click();
    const line = tab.frame.getByRole("listitem").filter({ hasText: "Campaign held back" });
    await expect(line).toContainText("Herald itself");
    await expect(line).toContainText("People: 3");
    await expect(tab.frame.getByText("sendAt")).toHaveCount(0);
  });
});
