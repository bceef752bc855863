using System.Runtime.Intrinsics.X86;
using LogDomain.Kernels;

namespace LogDomain.Tests.Sweeps;

/// <summary>The sweeps over all floats.</summary>
internal static class SingleSweeps
{
    public static IReadOnlyList<Sweep> All { get; } = [.. Weights(), .. Others()];

    private static IEnumerable<Sweep> Weights()
    {
        foreach (bool above in (bool[])[false, true])
        {
            string frame = above ? "a frame above" : "its own frame";
            string narrow = $"weight of 256 bits in {frame}", wide = $"weight of 512 bits in {frame}";
            yield return new(narrow, stride => SingleWeightSweep.Run<SingleVector256Pair>(narrow, stride, above));
            if (Avx512F.IsSupported)
                yield return new(wide, stride => SingleWeightSweep.Run<SingleVector512>(wide, stride, above));
        }
    }

    private static IEnumerable<Sweep> Others() =>
    [
        new("Log1P of float", SingleScalarSweep.Log1P),
        new("ExpM1 of float", SingleScalarSweep.ExpM1),
        new("float to Half", NarrowingSweep.Narrow<Half>),
        new("float to BFloat16", NarrowingSweep.Narrow<BFloat16>),
        new("Half to float", NarrowingSweep.Widen<Half>),
        new("BFloat16 to float", NarrowingSweep.Widen<BFloat16>),
    ];
}
