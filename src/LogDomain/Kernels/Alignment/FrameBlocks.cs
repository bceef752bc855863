namespace LogDomain.Kernels.Alignment;

/// <summary>
/// Which frames of a sequence are kept on the way forwards: all, or, beyond what is worth keeping as it is, every K-th, K = sqrt(T), after which the K frames between two of them are computed again on the way back
/// (Chen et al. 2016, "Training deep nets with sublinear memory cost").
/// </summary>
internal readonly struct FrameBlocks
{
    /// <param name="frames">How many frames there are.</param>
    /// <param name="width">How many places a frame has.</param>
    /// <param name="small">How many places of all frames are kept as a whole.</param>
    /// <param name="hasGradient">Whether there is a way back.</param>
    public FrameBlocks(int frames, int width, int small, bool hasGradient)
    {
        Length = Math.Max(1, !hasGradient ? 1 : (long)frames * width <= small ? frames : (int)Math.Ceiling(Math.Sqrt(frames)));
        Kept = hasGradient ? ((frames + Length - 1) / Length) + 1 : 1;
    }

    /// <summary>Frames between two that are kept.</summary>
    public int Length { get; }

    /// <summary>How many are kept, that before the first among them.</summary>
    public int Kept { get; }
}
