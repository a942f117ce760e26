import { XMLBuilder, XMLParser } from 'fast-xml-parser';
import { escapeXml, iptcAsXmp } from './iptc-to-xmp.ts';
import { DIGITAL_SOURCE_TYPE, FOURFOLD_NAMESPACE, IPTC_EXT_NAMESPACE, type Provenance } from './provenance.ts';

export interface XmpChanges {
  /** Pixels of the result. */
  readonly width: number;
  readonly height: number;
  readonly dropLocation: boolean;
  readonly provenance?: Provenance | undefined;
  /** Bare IPTC data sets to say in XMP, for formats without IPTC. */
  readonly iptc?: Buffer | undefined;
}

export interface FittedXmp {
  /** UTF-8, with the packet wrapper; undefined when there is nothing to write. */
  readonly packet: Buffer | undefined;
  /** The source's packet could not be read and was left out. */
  readonly lost: boolean;
}

/** fast-xml-parser's ordered tree: one key is the element's name, `:@` its attributes. */
type Node = Record<string, unknown>;

const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';
const EXIF = 'http://ns.adobe.com/exif/1.0/';
const TIFF = 'http://ns.adobe.com/tiff/1.0/';
const XMP = 'http://ns.adobe.com/xap/1.0/';
const PHOTOSHOP = 'http://ns.adobe.com/photoshop/1.0/';
const IPTC_CORE = 'http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/';

/**
 * Text goes through as it is written, references and all: reading them into characters and back loses those that name a
 * character by number.
 */
const OPTIONS = {
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  cdataPropName: '#cdata',
} as const;

/** An ampersand that begins no reference: not well formed, so the result would be as hard to read as the source. */
const BARE_AMPERSAND = /&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)/gi;

/**
 * XMP (ISO 16684-1) made to fit the result: orientation 1, the new pixel size, no thumbnail, location taken out on
 * wish, and where the picture came from. Properties the rules do not name stay as they are.
 */
export function fitXmp(source: Buffer | undefined, changes: XmpChanges): FittedXmp {
  const tree = source && parse(source);
  const root = tree && findRdf(tree);
  const lost = source !== undefined && root === undefined;
  if (root === undefined && !changes.provenance && !changes.iptc) return { packet: undefined, lost };
  let body = '';
  const namespaces = namespacesOf(tree);
  if (root) {
    prune(root, namespaces, changes);
    body = new XMLBuilder({ ...OPTIONS, suppressEmptyNode: true, suppressBooleanAttributes: false }).build(root).trim();
  }
  if (changes.iptc) {
    const has = (namespace: string, name: string) => root !== undefined && says(root, namespaces, namespace, name);
    body += `\n${iptcAsXmp(changes.iptc, has, changes.dropLocation)}`;
  }
  if (changes.provenance) body += `\n${provenanceXml(changes.provenance)}`;
  const packet =
    '<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>\n' +
    `<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Fourfold">\n<rdf:RDF xmlns:rdf="${RDF}"${inherited(tree)}>\n` +
    `${body}\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end="w"?>`;
  return { packet: Buffer.from(packet, 'utf8'), lost };
}

function provenanceXml({ software, model, blend }: Provenance): string {
  return [
    `<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="${IPTC_EXT_NAMESPACE}" xmlns:fourfold="${FOURFOLD_NAMESPACE}">`,
    `<Iptc4xmpExt:DigitalSourceType>${DIGITAL_SOURCE_TYPE}</Iptc4xmpExt:DigitalSourceType>`,
    `<fourfold:Software>${escapeXml(software)}</fourfold:Software>`,
    `<fourfold:Model>${escapeXml(model)}</fourfold:Model>`,
    `<fourfold:Blend>${blend}</fourfold:Blend>`,
    '</rdf:Description>',
  ].join('\n');
}

function parse(source: Buffer): Node[] | undefined {
  try {
    const text = source
      .toString('utf8')
      .replace(/^\uFEFF/, '')
      .replace(/\0+$/, '');
    // No document type: XMP has none, and an entity in one is how XML files attack their readers.
    if (/<!DOCTYPE/i.test(text)) return undefined;
    const mended = (written: string) => written.replace(BARE_AMPERSAND, '&amp;');
    return new XMLParser({
      ...OPTIONS,
      tagValueProcessor: (_, written) => mended(written),
      // It may have been written between single quotes, and is to be between double ones.
      attributeValueProcessor: (_, written) => mended(written).replaceAll('"', '&quot;'),
    }).parse(text) as Node[];
  } catch {
    return undefined;
  }
}

function nameOf(node: Node): string {
  return Object.keys(node).find((key) => key !== ':@') ?? '';
}

function childrenOf(node: Node): Node[] {
  const value = node[nameOf(node)];
  return Array.isArray(value) ? (value as Node[]) : [];
}

function attributesOf(node: Node): Record<string, string> {
  return (node[':@'] as Record<string, string> | undefined) ?? {};
}

function findRdf(nodes: Node[]): Node[] | undefined {
  for (const node of nodes) {
    if (/(^|:)RDF$/.test(nameOf(node))) return childrenOf(node);
    const inner = findRdf(childrenOf(node));
    if (inner) return inner;
  }
  return undefined;
}

/** Prefix → namespace, over the whole tree: XMP writers do not reuse one prefix for two. */
function namespacesOf(nodes: Node[] | undefined, into = new Map<string, string>()): Map<string, string> {
  for (const node of nodes ?? []) {
    for (const [name, value] of Object.entries(attributesOf(node))) {
      if (name.startsWith('xmlns:')) into.set(name.slice(6), value);
    }
    namespacesOf(childrenOf(node), into);
  }
  return into;
}

/** Namespaces declared above the properties, which the new RDF element has to declare again. */
function inherited(tree: Node[] | undefined): string {
  if (!tree) return '';
  const declared = new Map<string, string>();
  const visit = (nodes: Node[]): boolean => {
    for (const node of nodes) {
      const own = Object.entries(attributesOf(node)).filter(([name]) => name.startsWith('xmlns:'));
      if (/(^|:)RDF$/.test(nameOf(node)) || visit(childrenOf(node))) {
        for (const [name, value] of own) if (!declared.has(name)) declared.set(name, value);
        return true;
      }
    }
    return false;
  };
  visit(tree);
  declared.delete('xmlns:rdf');
  declared.delete('xmlns:x');
  return [...declared].map(([name, value]) => ` ${name}="${value}"`).join('');
}

/** Whether a property is there, as an element or as an attribute. */
function says(nodes: Node[], namespaces: Map<string, string>, namespace: string, name: string): boolean {
  const is = (qualified: string) => {
    const colon = qualified.indexOf(':');
    return qualified.slice(colon + 1) === name && namespaces.get(qualified.slice(0, Math.max(0, colon))) === namespace;
  };
  return nodes.some(
    (node) =>
      is(nameOf(node)) ||
      Object.keys(attributesOf(node)).some(is) ||
      says(childrenOf(node), namespaces, namespace, name),
  );
}

/** Removes or replaces properties, written as elements or as attributes, throughout the tree. */
function prune(nodes: Node[], namespaces: Map<string, string>, changes: XmpChanges): void {
  const rule = (name: string) => {
    const colon = name.indexOf(':');
    return colon < 0 || name.startsWith('xmlns:')
      ? undefined
      : ruleFor(namespaces.get(name.slice(0, colon)), name.slice(colon + 1), changes);
  };
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i]!;
    const verdict = rule(nameOf(node));
    if (verdict === 'drop') {
      nodes.splice(i, 1);
      continue;
    }
    if (verdict !== undefined) node[nameOf(node)] = [{ '#text': String(verdict) }];
    const attributes = attributesOf(node);
    for (const name of Object.keys(attributes)) {
      const fate = rule(name);
      if (fate === 'drop') delete attributes[name];
      else if (fate !== undefined) attributes[name] = String(fate);
    }
    prune(childrenOf(node), namespaces, changes);
  }
}

/** 'drop', the new value, or undefined to leave a property alone. */
function ruleFor(namespace: string | undefined, name: string, changes: XmpChanges): 'drop' | number | undefined {
  const { width, height, dropLocation, provenance } = changes;
  if (namespace === TIFF && name === 'Orientation') return 1;
  if (namespace === TIFF && name === 'ImageWidth') return width;
  if (namespace === TIFF && name === 'ImageLength') return height;
  if (namespace === EXIF && name === 'PixelXDimension') return width;
  if (namespace === EXIF && name === 'PixelYDimension') return height;
  if (namespace === XMP && name === 'Thumbnails') return 'drop';
  if (namespace === FOURFOLD_NAMESPACE) return 'drop';
  if (namespace === IPTC_EXT_NAMESPACE && name === 'DigitalSourceType' && provenance) return 'drop';
  if (!dropLocation) return undefined;
  // Whatever the namespace: drones say it in their maker's (`drone-dji:GpsLatitude`, also misspelt `GpsLongtitude`).
  if (/gps|latitude|longt?itude/i.test(name)) return 'drop';
  if (namespace === PHOTOSHOP && /^(City|State|Country)$/.test(name)) return 'drop';
  if (namespace === IPTC_CORE && /^(Location|CountryCode)$/.test(name)) return 'drop';
  if (namespace === IPTC_EXT_NAMESPACE && /^Location(Created|Shown)$/.test(name)) return 'drop';
  return undefined;
}
