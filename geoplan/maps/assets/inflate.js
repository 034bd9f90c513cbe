// Parts of the data are deflated, and written as text.

async function inflate(text) {
  return inflated(text).text();
}

async function inflateBytes(text) {
  return new Uint8Array(await inflated(text).arrayBuffer());
}

function inflated(text) {
  const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate")));
}
