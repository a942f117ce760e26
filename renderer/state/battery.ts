/** As the Battery Status API has it; only Chromium does. */
interface BatteryManager extends EventTarget {
  readonly charging: boolean;
}

/** Says whether the computer runs on its battery, and whenever that changes; nothing where nobody knows. */
export function watchBattery(told: (onBattery: boolean) => void): void {
  const { getBattery } = navigator as { getBattery?: () => Promise<BatteryManager> };
  getBattery?.call(navigator).then(
    (battery) => {
      const tell = () => told(!battery.charging);
      battery.addEventListener('chargingchange', tell);
      tell();
    },
    // Forbidden here: as good as unknown.
    () => undefined,
  );
}
