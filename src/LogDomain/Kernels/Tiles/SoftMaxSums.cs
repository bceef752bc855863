namespace LogDomain.Kernels.Tiles;

/// <summary>What a query's keys, less its target, come to.</summary>
/// <param name="Max">The largest logit.</param>
/// <param name="Sum">Of e^(x - max).</param>
/// <param name="Moment">Of (x - max) e^(x - max).</param>
/// <param name="Shares">Of share times logit, the target's too.</param>
internal readonly record struct SoftMaxSums(float Max, double Sum, double Moment, double Shares);
