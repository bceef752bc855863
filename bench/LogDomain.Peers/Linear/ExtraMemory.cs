namespace LogDomain.Peers.Linear;

/// <summary>How far the resident memory of this process rises while something runs. Linux only; elsewhere NaN.</summary>
internal static class ExtraMemory
{
    private const string Status = "/proc/self/status", ClearReferences = "/proc/self/clear_refs";

    // Writing it to clear_refs sets the peak back to what is resident now (proc_pid_clear_refs(5)).
    private const string ResetPeak = "5";

    /// <summary>In megabytes of 10^6 bytes.</summary>
    public static double Of(Action action)
    {
        if (!File.Exists(ClearReferences))
        {
            action();
            return double.NaN;
        }

        GC.Collect();
        File.WriteAllText(ClearReferences, ResetPeak);
        double before = Kilobytes("VmHWM:");
        action();
        return (Kilobytes("VmHWM:") - before) * 1024 / 1e6;
    }

    private static double Kilobytes(string name) =>
        double.Parse(File.ReadLines(Status).First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
}
