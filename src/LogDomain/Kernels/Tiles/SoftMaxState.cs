namespace LogDomain.Kernels.Tiles;

/// <summary>The numbers of one range of keys: a float a query of the group, for each.</summary>
internal readonly unsafe struct SoftMaxState(float* start)
{
    /// <summary>Of a range.</summary>
    public const nint Floats = 5 * Lanes;

    private const int Lanes = LogitTileSizes.GroupQueries;

    public float* Max { get; } = start;

    public float* Sum { get; } = start + Lanes;

    public float* SumLow { get; } = start + (2 * Lanes);

    public float* Moment { get; } = start + (3 * Lanes);

    public float* Shares { get; } = start + (4 * Lanes);
}
