// Reference macaroons. T0 to T5 were made with gopkg.in/macaroon.v2, npm's `macaroon` and plain HMACs, which agree byte for
// byte. V-A and V-B are from lsat-js' tests; their root keys are not known. N1 to N5 are T2, damaged.

export interface MacaroonVector {
  name: string;
  rootKey: string;
  identifier: string;
  location: string;
  caveats: string[];
  signature: string;
  hex: string;
  base64: string;
  base64url: string;
  /** Only where the identifier is L402's. */
  paymentHash?: string;
  tokenId?: string;
}

export const MACAROON_VECTORS: readonly MacaroonVector[] = [
  {
    name: "T0 all-zero root key, identifier `example-id` (spec worked example inputs)",
    rootKey: "0000000000000000000000000000000000000000000000000000000000000000",
    identifier: "6578616d706c652d6964",
    location: "",
    caveats: ["account = 12345", "valid_until = 1700000000"],
    signature: "2f4222d5775c9591b0740910d957b876d13183cc9baf4bf8d9727c65d48801d4",
    hex: "02020a6578616d706c652d696400020f6163636f756e74203d20313233343500021876616c69645f756e74696c203d2031373030303030303030000006202f4222d5775c9591b0740910d957b876d13183cc9baf4bf8d9727c65d48801d4",
    base64:
      "AgIKZXhhbXBsZS1pZAACD2FjY291bnQgPSAxMjM0NQACGHZhbGlkX3VudGlsID0gMTcwMDAwMDAwMAAABiAvQiLVd1yVkbB0CRDZV7h20TGDzJuvS/jZcnxl1IgB1A==",
    base64url:
      "AgIKZXhhbXBsZS1pZAACD2FjY291bnQgPSAxMjM0NQACGHZhbGlkX3VudGlsID0gMTcwMDAwMDAwMAAABiAvQiLVd1yVkbB0CRDZV7h20TGDzJuvS_jZcnxl1IgB1A",
  },
  {
    name: "T1 no caveats, location lsat",
    rootKey: "4034015c11a221a94afa844c1fb1af6a39b0fb5098e7462ac94d38ff599bc068",
    identifier:
      "000060da52f1d8d7effb10f739e160b71d3257ba8688a66ab11f9e3f0e400236319a00f8a4a2c788a948a9c3059eee66de4e3b2b4d610ee3f8e263741b7964cca553",
    location: "lsat",
    caveats: [],
    signature: "650fce98116d324510fc0d8f06a617bc6254bc71654bc6f423fa1cd5284cc227",
    hex: "0201046c7361740242000060da52f1d8d7effb10f739e160b71d3257ba8688a66ab11f9e3f0e400236319a00f8a4a2c788a948a9c3059eee66de4e3b2b4d610ee3f8e263741b7964cca55300000620650fce98116d324510fc0d8f06a617bc6254bc71654bc6f423fa1cd5284cc227",
    base64:
      "AgEEbHNhdAJCAABg2lLx2Nfv+xD3OeFgtx0yV7qGiKZqsR+ePw5AAjYxmgD4pKLHiKlIqcMFnu5m3k47K01hDuP44mN0G3lkzKVTAAAGIGUPzpgRbTJFEPwNjwamF7xiVLxxZUvG9CP6HNUoTMIn",
    base64url:
      "AgEEbHNhdAJCAABg2lLx2Nfv-xD3OeFgtx0yV7qGiKZqsR-ePw5AAjYxmgD4pKLHiKlIqcMFnu5m3k47K01hDuP44mN0G3lkzKVTAAAGIGUPzpgRbTJFEPwNjwamF7xiVLxxZUvG9CP6HNUoTMIn",
    paymentHash: "60da52f1d8d7effb10f739e160b71d3257ba8688a66ab11f9e3f0e400236319a",
    tokenId: "00f8a4a2c788a948a9c3059eee66de4e3b2b4d610ee3f8e263741b7964cca553",
  },
  {
    name: "T2 aperture static service, empty capabilities",
    rootKey: "31c52e8f296a276d66051459ecd8df289a890f3a784c72a30f07bf38917c6a1b",
    identifier:
      "0000df21ca5d129512185e154b78047bc16f54b252ed14fc748089fef020f10498cd60b5a894633de7c9ba52b3d2fd637f1d53dab21a6dd064435df23c8c9e30137f",
    location: "lsat",
    caveats: ["services=service1:0", "service1_capabilities="],
    signature: "d5c55d924a738276a221e3b78cf5f85ef8e1fc3dcf42703c5e14aed109d42955",
    hex: "0201046c73617402420000df21ca5d129512185e154b78047bc16f54b252ed14fc748089fef020f10498cd60b5a894633de7c9ba52b3d2fd637f1d53dab21a6dd064435df23c8c9e30137f00021373657276696365733d73657276696365313a3000021673657276696365315f6361706162696c69746965733d00000620d5c55d924a738276a221e3b78cf5f85ef8e1fc3dcf42703c5e14aed109d42955",
    base64:
      "AgEEbHNhdAJCAADfIcpdEpUSGF4VS3gEe8FvVLJS7RT8dICJ/vAg8QSYzWC1qJRjPefJulKz0v1jfx1T2rIabdBkQ13yPIyeMBN/AAITc2VydmljZXM9c2VydmljZTE6MAACFnNlcnZpY2UxX2NhcGFiaWxpdGllcz0AAAYg1cVdkkpzgnaiIeO3jPX4Xvjh/D3PQnA8XhSu0QnUKVU=",
    base64url:
      "AgEEbHNhdAJCAADfIcpdEpUSGF4VS3gEe8FvVLJS7RT8dICJ_vAg8QSYzWC1qJRjPefJulKz0v1jfx1T2rIabdBkQ13yPIyeMBN_AAITc2VydmljZXM9c2VydmljZTE6MAACFnNlcnZpY2UxX2NhcGFiaWxpdGllcz0AAAYg1cVdkkpzgnaiIeO3jPX4Xvjh_D3PQnA8XhSu0QnUKVU",
    paymentHash: "df21ca5d129512185e154b78047bc16f54b252ed14fc748089fef020f10498cd",
    tokenId: "60b5a894633de7c9ba52b3d2fd637f1d53dab21a6dd064435df23c8c9e30137f",
  },
  {
    name: "T3 aperture full: services, capabilities, constraint, timeout",
    rootKey: "24220616ba859ccb274fbfa0b3ede72060d30c0f8553d6867e3f5640a9956a19",
    identifier:
      "000027e5cd66a270d969a84038cd07b902cb842f228bee81f0b593bbda204df200ff3bab37e148f9f11c85de40e573e022ef23047a59fdad10637135fbf35642893c",
    location: "lsat",
    caveats: [
      "services=service1:0",
      "service1_capabilities=add,subtract",
      "valid_until=1682483169",
      "service1_valid_until=1893456000",
    ],
    signature: "e32a633d4f62c019178fd0878fdf895c99c76f965a5aeafd622bfd1bde8f2a83",
    hex: "0201046c7361740242000027e5cd66a270d969a84038cd07b902cb842f228bee81f0b593bbda204df200ff3bab37e148f9f11c85de40e573e022ef23047a59fdad10637135fbf35642893c00021373657276696365733d73657276696365313a3000022273657276696365315f6361706162696c69746965733d6164642c737562747261637400021676616c69645f756e74696c3d3136383234383331363900021f73657276696365315f76616c69645f756e74696c3d3138393334353630303000000620e32a633d4f62c019178fd0878fdf895c99c76f965a5aeafd622bfd1bde8f2a83",
    base64:
      "AgEEbHNhdAJCAAAn5c1monDZaahAOM0HuQLLhC8ii+6B8LWTu9ogTfIA/zurN+FI+fEchd5A5XPgIu8jBHpZ/a0QY3E1+/NWQok8AAITc2VydmljZXM9c2VydmljZTE6MAACInNlcnZpY2UxX2NhcGFiaWxpdGllcz1hZGQsc3VidHJhY3QAAhZ2YWxpZF91bnRpbD0xNjgyNDgzMTY5AAIfc2VydmljZTFfdmFsaWRfdW50aWw9MTg5MzQ1NjAwMAAABiDjKmM9T2LAGReP0IeP34lcmcdvllpa6v1iK/0b3o8qgw==",
    base64url:
      "AgEEbHNhdAJCAAAn5c1monDZaahAOM0HuQLLhC8ii-6B8LWTu9ogTfIA_zurN-FI-fEchd5A5XPgIu8jBHpZ_a0QY3E1-_NWQok8AAITc2VydmljZXM9c2VydmljZTE6MAACInNlcnZpY2UxX2NhcGFiaWxpdGllcz1hZGQsc3VidHJhY3QAAhZ2YWxpZF91bnRpbD0xNjgyNDgzMTY5AAIfc2VydmljZTFfdmFsaWRfdW50aWw9MTg5MzQ1NjAwMAAABiDjKmM9T2LAGReP0IeP34lcmcdvllpa6v1iK_0b3o8qgw",
    paymentHash: "27e5cd66a270d969a84038cd07b902cb842f228bee81f0b593bbda204df200ff",
    tokenId: "3bab37e148f9f11c85de40e573e022ef23047a59fdad10637135fbf35642893c",
  },
  {
    name: "T4 dynamic price resource name (services caveat carries path)",
    rootKey: "48aab44029e98dc4841148fddf54ebdab9e119f7ff5af60b9cbb386b0efb62dc",
    identifier:
      "000087cc027bc11c3dc6b2eca146268912989abc08b301b2ae3dd87337f42d6573ed23ee65fb4197eb8b217ef888c6c67e5300bb77332196ea2cd4cfb2b59e800074",
    location: "lsat",
    caveats: ["services=service1/v1/resource:0"],
    signature: "44065a41f2d6425d0625518ecafb9e35fa4884763c225ff7e648657ea784f3d5",
    hex: "0201046c7361740242000087cc027bc11c3dc6b2eca146268912989abc08b301b2ae3dd87337f42d6573ed23ee65fb4197eb8b217ef888c6c67e5300bb77332196ea2cd4cfb2b59e80007400021f73657276696365733d73657276696365312f76312f7265736f757263653a300000062044065a41f2d6425d0625518ecafb9e35fa4884763c225ff7e648657ea784f3d5",
    base64:
      "AgEEbHNhdAJCAACHzAJ7wRw9xrLsoUYmiRKYmrwIswGyrj3Yczf0LWVz7SPuZftBl+uLIX74iMbGflMAu3czIZbqLNTPsrWegAB0AAIfc2VydmljZXM9c2VydmljZTEvdjEvcmVzb3VyY2U6MAAABiBEBlpB8tZCXQYlUY7K+541+kiEdjwiX/fmSGV+p4Tz1Q==",
    base64url:
      "AgEEbHNhdAJCAACHzAJ7wRw9xrLsoUYmiRKYmrwIswGyrj3Yczf0LWVz7SPuZftBl-uLIX74iMbGflMAu3czIZbqLNTPsrWegAB0AAIfc2VydmljZXM9c2VydmljZTEvdjEvcmVzb3VyY2U6MAAABiBEBlpB8tZCXQYlUY7K-541-kiEdjwiX_fmSGV-p4Tz1Q",
    paymentHash: "87cc027bc11c3dc6b2eca146268912989abc08b301b2ae3dd87337f42d6573ed",
    tokenId: "23ee65fb4197eb8b217ef888c6c67e5300bb77332196ea2cd4cfb2b59e800074",
  },
  {
    name: "T5 attenuated chain (T3 + narrower expiry + preimage caveat)",
    rootKey: "24220616ba859ccb274fbfa0b3ede72060d30c0f8553d6867e3f5640a9956a19",
    identifier:
      "000027e5cd66a270d969a84038cd07b902cb842f228bee81f0b593bbda204df200ff3bab37e148f9f11c85de40e573e022ef23047a59fdad10637135fbf35642893c",
    location: "lsat",
    caveats: [
      "services=service1:0",
      "service1_capabilities=add,subtract",
      "valid_until=1682483169",
      "service1_valid_until=1893456000",
      "service1_valid_until=1767225600",
      "preimage=c1751fc12c2c2465a2388c10c33574c116b12d3b6b65d1240ed367d059379b94",
    ],
    signature: "6af6ab52bb7fff3c1250d3439324f67d50572b483b77f8bd2daf5410ca5c92b1",
    hex: "0201046c7361740242000027e5cd66a270d969a84038cd07b902cb842f228bee81f0b593bbda204df200ff3bab37e148f9f11c85de40e573e022ef23047a59fdad10637135fbf35642893c00021373657276696365733d73657276696365313a3000022273657276696365315f6361706162696c69746965733d6164642c737562747261637400021676616c69645f756e74696c3d3136383234383331363900021f73657276696365315f76616c69645f756e74696c3d3138393334353630303000021f73657276696365315f76616c69645f756e74696c3d31373637323235363030000249707265696d6167653d63313735316663313263326332343635613233383863313063333335373463313136623132643362366236356431323430656433363764303539333739623934000006206af6ab52bb7fff3c1250d3439324f67d50572b483b77f8bd2daf5410ca5c92b1",
    base64:
      "AgEEbHNhdAJCAAAn5c1monDZaahAOM0HuQLLhC8ii+6B8LWTu9ogTfIA/zurN+FI+fEchd5A5XPgIu8jBHpZ/a0QY3E1+/NWQok8AAITc2VydmljZXM9c2VydmljZTE6MAACInNlcnZpY2UxX2NhcGFiaWxpdGllcz1hZGQsc3VidHJhY3QAAhZ2YWxpZF91bnRpbD0xNjgyNDgzMTY5AAIfc2VydmljZTFfdmFsaWRfdW50aWw9MTg5MzQ1NjAwMAACH3NlcnZpY2UxX3ZhbGlkX3VudGlsPTE3NjcyMjU2MDAAAklwcmVpbWFnZT1jMTc1MWZjMTJjMmMyNDY1YTIzODhjMTBjMzM1NzRjMTE2YjEyZDNiNmI2NWQxMjQwZWQzNjdkMDU5Mzc5Yjk0AAAGIGr2q1K7f/88ElDTQ5Mk9n1QVytIO3f4vS2vVBDKXJKx",
    base64url:
      "AgEEbHNhdAJCAAAn5c1monDZaahAOM0HuQLLhC8ii-6B8LWTu9ogTfIA_zurN-FI-fEchd5A5XPgIu8jBHpZ_a0QY3E1-_NWQok8AAITc2VydmljZXM9c2VydmljZTE6MAACInNlcnZpY2UxX2NhcGFiaWxpdGllcz1hZGQsc3VidHJhY3QAAhZ2YWxpZF91bnRpbD0xNjgyNDgzMTY5AAIfc2VydmljZTFfdmFsaWRfdW50aWw9MTg5MzQ1NjAwMAACH3NlcnZpY2UxX3ZhbGlkX3VudGlsPTE3NjcyMjU2MDAAAklwcmVpbWFnZT1jMTc1MWZjMTJjMmMyNDY1YTIzODhjMTBjMzM1NzRjMTE2YjEyZDNiNmI2NWQxMjQwZWQzNjdkMDU5Mzc5Yjk0AAAGIGr2q1K7f_88ElDTQ5Mk9n1QVytIO3f4vS2vVBDKXJKx",
    paymentHash: "27e5cd66a270d969a84038cd07b902cb842f228bee81f0b593bbda204df200ff",
    tokenId: "3bab37e148f9f11c85de40e573e022ef23047a59fdad10637135fbf35642893c",
  },
];

/** The signatures of T0 after the identifier and each caveat. */
export const T0_CHAIN = [
  "39928649c373c43c8efa5686021def3fa8747ed4155a4c6ab489a873baf62cb9",
  "7cbc8f0bdaabe5a36a38a9b33c7e8ff5ce8e512725cd46031b40198ed09e16e6",
  "2f4222d5775c9591b0740910d957b876d13183cc9baf4bf8d9727c65d48801d4",
];
/** The same, to the letter of the specification: without the derivation of the first key. */
export const T0_SPEC_LITERAL_CHAIN = [
  "b71df97512bc6150d64cbd20d2180a03bf842dda4f5c9ab1cd07d62849c1cf96",
  "64a6168cc94ffec9c6a5d0d203aebf63ae5fde049b45424a3aff08493d7b1c86",
  "c35d0f7985dc983329a8cb8414673f5bb5b120165823705beb3921b344bc9e56",
];

export const DECODE_ONLY_VECTORS = [
  {
    name: "V-A real Aperture challenge",
    base64:
      "AgEEbHNhdAJCAAAwpHpumws6ufQoDwiTLNcge0QPUIWA0+tVY+tKPYAJ/zSfmEGlIpNm3VzxuzCqLhEp5KGiyPLUM9L+kcB7uzS+AAIPc2VydmljZXM9bWVtZTowAAISbWVtZV9jYXBhYmlsaXRpZXM9AAAGILA1VCEIExukt4nG+XR9tX8WJ2BVMiHG3UNt1uYJ+NRD",
    location: "lsat",
    paymentHash: "30a47a6e9b0b3ab9f4280f08932cd7207b440f508580d3eb5563eb4a3d8009ff",
    tokenId: "349f9841a5229366dd5cf1bb30aa2e1129e4a1a2c8f2d433d2fe91c07bbb34be",
    caveats: ["services=meme:0", "meme_capabilities="],
    signature: "b035542108131ba4b789c6f9747db57f162760553221c6dd436dd6e609f8d443",
  },
  {
    name: "V-B made with Go",
    base64:
      "AgESMy4xMzYuMTc4LjE1OjM0MjM4AkIAAD2b0rX78LATiVo8bKgHuurefeF5OeX2H5ZuacBIK3+RAR1PKU1oZpfCZFib4zdDoj0pOpgPmhtuzNllU+y//D0AAAYgcWFs9FIteCzpCcEPSwmXKBpcx97hyL5Yt99cbLjRHzU=",
    location: "3.136.178.15:34238",
    paymentHash: "3d9bd2b5fbf0b013895a3c6ca807baeade7de17939e5f61f966e69c0482b7f91",
    tokenId: "011d4f294d686697c264589be33743a23d293a980f9a1b6eccd96553ecbffc3d",
    caveats: [],
    signature: "71616cf4522d782ce909c10f4b0997281a5cc7dee1c8be58b7df5c6cb8d11f35",
  },
];

export const NEGATIVE_VECTORS = [
  {
    name: "N1 last signature byte flipped",
    base64:
      "AgEEbHNhdAJCAADfIcpdEpUSGF4VS3gEe8FvVLJS7RT8dICJ/vAg8QSYzWC1qJRjPefJulKz0v1jfx1T2rIabdBkQ13yPIyeMBN/AAITc2VydmljZXM9c2VydmljZTE6MAACFnNlcnZpY2UxX2NhcGFiaWxpdGllcz0AAAYg1cVdkkpzgnaiIeO3jPX4Xvjh/D3PQnA8XhSu0QnUKVQ=",
    parses: true,
  },
  {
    name: "N2 caveat edited service1->service2, signature kept",
    base64:
      "AgEEbHNhdAJCAADfIcpdEpUSGF4VS3gEe8FvVLJS7RT8dICJ/vAg8QSYzWC1qJRjPefJulKz0v1jfx1T2rIabdBkQ13yPIyeMBN/AAITc2VydmljZXM9c2VydmljZTI6MAACFnNlcnZpY2UxX2NhcGFiaWxpdGllcz0AAAYg1cVdkkpzgnaiIeO3jPX4Xvjh/D3PQnA8XhSu0QnUKVU=",
    parses: true,
  },
  {
    name: "N3 last caveat removed, signature kept",
    base64:
      "AgEEbHNhdAJCAADfIcpdEpUSGF4VS3gEe8FvVLJS7RT8dICJ/vAg8QSYzWC1qJRjPefJulKz0v1jfx1T2rIabdBkQ13yPIyeMBN/AAITc2VydmljZXM9c2VydmljZTE6MAAABiDVxV2SSnOCdqIh47eM9fhe+OH8Pc9CcDxeFK7RCdQpVQ==",
    parses: true,
  },
  {
    name: "N4 trailing bytes 010203 after signature",
    base64:
      "AgEEbHNhdAJCAADfIcpdEpUSGF4VS3gEe8FvVLJS7RT8dICJ/vAg8QSYzWC1qJRjPefJulKz0v1jfx1T2rIabdBkQ13yPIyeMBN/AAITc2VydmljZXM9c2VydmljZTE6MAACFnNlcnZpY2UxX2NhcGFiaWxpdGllcz0AAAYg1cVdkkpzgnaiIeO3jPX4Xvjh/D3PQnA8XhSu0QnUKVUBAgM=",
    parses: false,
  },
  {
    name: "N5 spec-literal signature (no macaroons-key-generator derivation)",
    base64:
      "AgEEbHNhdAJCAADfIcpdEpUSGF4VS3gEe8FvVLJS7RT8dICJ/vAg8QSYzWC1qJRjPefJulKz0v1jfx1T2rIabdBkQ13yPIyeMBN/AAITc2VydmljZXM9c2VydmljZTE6MAACFnNlcnZpY2UxX2NhcGFiaWxpdGllcz0AAAYgBKI9end7ujYYFakpYlTu10v+XBbKcq3G3vvgBGJ1UMc=",
    parses: true,
  },
];
