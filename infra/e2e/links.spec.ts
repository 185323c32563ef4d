import { expect, test } from "./fixtures.ts";

interface Report {
  engagement: { clicks: number; clickedRecipients: number; seen: number };
}

test("a person follows a link and a button in the chat, in tabs of their own, and the report counts them", async ({
  teams,
  herald,
  api,
  context,
}) => {
  const [author, reader] = await herald.sandbox.people();
  if (!author || !reader) throw new Error("the sandbox has too few people");
  await herald.sandbox.install(5);
  const menu = `${herald.sandbox.url}/api/clock?menu=1`; // anything that answers on this machine
  const { id } = await api.send<{ id: string }>("POST", "/campaigns", {
    name: "Canteen",
    format: "card",
    content: {
      title: "Canteen",
      text: `Read [the menu](${menu})`,
      buttons: [{ title: "Vote", url: "https://vote.invalid/" }],
    },
    audience: { all: true },
  });
  await api.start(id);
  await teams.open({ chats: [author, reader] });
  const message = teams.messages(reader, "Canteen");
  await expect(message).toHaveCount(1);

  const opened = context.waitForEvent("page");
  await message.getByRole("link", { name: "the menu" }).click();
  await (await opened).waitForURL(menu);

  const asked = context.waitForEvent("request", (request) => request.url().startsWith(`${herald.url}/l/`));
  await message.getByRole("link", { name: "Vote", exact: true }).click();
  expect((await (await asked).response())?.headers()["location"]).toBe("https://vote.invalid/");

  const counted = async () => (await api.send<Report>("GET", `/campaigns/${id}/report`)).engagement;
  await expect.poll(counted).toMatchObject({ clicks: 2, clickedRecipients: 1, seen: 1 });
});
