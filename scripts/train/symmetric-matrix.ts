/**
 * Pseudo-inverse of a symmetric matrix (row-major, n × n) by Jacobi rotations: exact enough and short for the 36 × 36
 * covariance of NIQE. Eigenvalues below n · ε · the largest count as zero, as MATLAB's `pinv` has it.
 */
export function pseudoInverse(matrix: Float64Array, n: number): Float64Array {
  const a = matrix.slice();
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  for (let sweep = 0; sweep < 100; sweep++) {
    let off = 0;
    let all = 0;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        all += a[i * n + j]! ** 2;
        if (i !== j) off += a[i * n + j]! ** 2;
      }
    if (off <= all * 1e-30) break;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, vectors, n, p, q);
  }
  let largest = 0;
  for (let i = 0; i < n; i++) largest = Math.max(largest, Math.abs(a[i * n + i]!));
  const inverse = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    const eigenvalue = a[k * n + k]!;
    if (Math.abs(eigenvalue) <= n * Number.EPSILON * largest) continue;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) inverse[i * n + j]! += (vectors[i * n + k]! * vectors[j * n + k]!) / eigenvalue;
  }
  return inverse;
}

/** One Jacobi rotation that makes a[p][q] zero. */
function rotate(a: Float64Array, vectors: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q]!;
  if (apq === 0) return;
  const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * apq);
  const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < n; k++) {
    const [kp, kq] = [a[k * n + p]!, a[k * n + q]!];
    a[k * n + p] = c * kp - s * kq;
    a[k * n + q] = s * kp + c * kq;
  }
  for (let k = 0; k < n; k++) {
    const [pk, qk] = [a[p * n + k]!, a[q * n + k]!];
    a[p * n + k] = c * pk - s * qk;
    a[q * n + k] = s * pk + c * qk;
    const [vp, vq] = [vectors[k * n + p]!, vectors[k * n + q]!];
    vectors[k * n + p] = c * vp - s * vq;
    vectors[k * n + q] = s * vp + c * vq;
  }
}
