export type Precision = 'fp32' | 'fp16' | 'int8';
