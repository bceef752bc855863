namespace LogDomain.Kernels.Attention;

/// <summary>How a call runs: threads, how it is told to stop, and whom it tells how far it is.</summary>
internal sealed class AttentionRun(int threads, CancellationToken cancellation, IProgress<double>? progress, int passes = 1)
{
    private readonly Lock _lock = new();
    private double _done;

    public int Threads => threads;

    /// <summary>Asked once a tile of keys: work stops then, without an exception, since it would have to cross threads.</summary>
    public bool IsCancelled => cancellation.IsCancellationRequested;

    /// <summary>A part of the work of a pass is done.</summary>
    public void Advance(double share)
    {
        if (progress == null || IsCancelled)
        {
            return;
        }

        lock (_lock)
        {
            _done = Math.Min(1, _done + (share / passes));
            progress.Report(_done);
        }
    }

    public void ThrowIfCancelled() => cancellation.ThrowIfCancellationRequested();
}
