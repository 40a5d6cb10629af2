export default function Page() {
  return (
    <main>
      <h1>L402 with Next.js</h1>
      <p>
        Ask for <code>/api/weather</code>. It answers 402 with an invoice until that is paid.
      </p>
    </main>
  );
}
