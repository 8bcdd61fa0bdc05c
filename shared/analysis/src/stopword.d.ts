/** What is used of `stopword`, which ships no types: lists by ISO 639-3 code. */
declare module 'stopword' {
  type StopWords = readonly string[];
  export const dan: StopWords;
  export const deu: StopWords;
  export const eng: StopWords;
  export const fin: StopWords;
  export const fra: StopWords;
  export const hun: StopWords;
  export const ita: StopWords;
  export const nld: StopWords;
  export const nob: StopWords;
  export const por: StopWords;
  export const ron: StopWords;
  export const rus: StopWords;
  export const spa: StopWords;
  export const swe: StopWords;
  export const tur: StopWords;
}
