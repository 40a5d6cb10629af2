// Runs one group in a process of its own, and sends what it measured to its parent.
const { measureGroup } = await import(process.argv[2]);
process.send(await measureGroup(), () => process.exit());
