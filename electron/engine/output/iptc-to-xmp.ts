import { dataSets } from '../photo/iptc.ts';

// PNG, WebP and AVIF have no place for IPTC-IIM, but XMP has a property for each of its common data sets (IPTC Photo
// Metadata Standard 2023.1, "IIM mapping").

const DC = 'http://purl.org/dc/elements/1.1/';
const PHOTOSHOP = 'http://ns.adobe.com/photoshop/1.0/';

interface Mapping {
  readonly prefix: 'dc' | 'photoshop';
  readonly name: string;
  /** How the property holds its value: plain text, a list, or text by language. */
  readonly as: 'text' | 'Bag' | 'Seq' | 'Alt';
  readonly place?: true;
}

const MAPPINGS: Readonly<Record<number, Mapping>> = {
  5: { prefix: 'dc', name: 'title', as: 'Alt' },
  25: { prefix: 'dc', name: 'subject', as: 'Bag' },
  40: { prefix: 'photoshop', name: 'Instructions', as: 'text' },
  80: { prefix: 'dc', name: 'creator', as: 'Seq' },
  85: { prefix: 'photoshop', name: 'AuthorsPosition', as: 'text' },
  90: { prefix: 'photoshop', name: 'City', as: 'text', place: true },
  95: { prefix: 'photoshop', name: 'State', as: 'text', place: true },
  101: { prefix: 'photoshop', name: 'Country', as: 'text', place: true },
  103: { prefix: 'photoshop', name: 'TransmissionReference', as: 'text' },
  105: { prefix: 'photoshop', name: 'Headline', as: 'text' },
  110: { prefix: 'photoshop', name: 'Credit', as: 'text' },
  115: { prefix: 'photoshop', name: 'Source', as: 'text' },
  116: { prefix: 'dc', name: 'rights', as: 'Alt' },
  120: { prefix: 'dc', name: 'description', as: 'Alt' },
  122: { prefix: 'photoshop', name: 'CaptionWriter', as: 'text' },
};

/**
 * Bare IPTC data sets as properties of an RDF description.
 * @param has whether the packet says this already; XMP wins over IPTC.
 * @returns '' when nothing is left to say.
 */
export function iptcAsXmp(
  bare: Buffer,
  has: (namespace: string, name: string) => boolean,
  dropLocation: boolean,
): string {
  const values = new Map<Mapping, string[]>();
  for (const { record, number, value } of dataSets(bare)) {
    const mapping = record === 2 ? MAPPINGS[number] : undefined;
    if (!mapping || (dropLocation && mapping.place)) continue;
    if (has(mapping.prefix === 'dc' ? DC : PHOTOSHOP, mapping.name)) continue;
    values.set(mapping, [...(values.get(mapping) ?? []), text(value)]);
  }
  if (values.size === 0) return '';
  const properties = [...values].map(([mapping, texts]) => property(mapping, texts));
  return `<rdf:Description rdf:about="" xmlns:dc="${DC}" xmlns:photoshop="${PHOTOSHOP}">\n${properties.join('\n')}\n</rdf:Description>`;
}

function property({ prefix, name, as }: Mapping, texts: string[]): string {
  const tag = `${prefix}:${name}`;
  const escaped = texts.map(escapeXml);
  if (as === 'text') return `<${tag}>${escaped[0]}</${tag}>`;
  const attribute = as === 'Alt' ? ' xml:lang="x-default"' : '';
  const items = (as === 'Alt' ? escaped.slice(0, 1) : escaped).map((item) => `<rdf:li${attribute}>${item}</rdf:li>`);
  return `<${tag}><rdf:${as}>${items.join('')}</rdf:${as}></${tag}>`;
}

/** IIM names its character set in a way few programs follow: UTF-8 where the bytes are that, else Latin-1. */
function text(value: Buffer): string {
  const utf8 = value.toString('utf8');
  return utf8.includes('\uFFFD') ? value.toString('latin1') : utf8;
}

/** For element content; characters XML cannot hold at all are left out. */
export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replace(FORBIDDEN, '');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is left out
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
