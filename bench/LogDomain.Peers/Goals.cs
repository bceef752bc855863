using LogDomain.Peers.Peers;

namespace LogDomain.Peers;

/// <summary>How many times as fast as others LogDomain wants to be.</summary>
internal static class Goals
{
    private static bool HasAvx512 => Machine.InstructionSet == "AVX-512";

    /// <summary>Each goal of a row and whether it was met; none where there is no goal, or nobody to compare with.</summary>
    public static IReadOnlyList<(string Text, bool Met)> Of(Result result)
    {
        List<(string Text, bool Met)> goals = [];
        if (result is { Operation: Operation.SoftMax or Operation.LogSoftMax, Type: ElementType.Float } && HasAvx512)
        {
            double best = new[] { TorchPeer.Label, OnnxPeer.Label, TensorPrimitivesPeer.Label }.Select(Ratio).Aggregate(double.MinNumber);
            Add("1.2x the best or 0.8x copy", Math.Max(best / 1.2, Ratio(CopyPeer.Label) / 0.8));
        }
        else
        {
            double times = TimesTorch(result);
            Add($"{times}x {TorchPeer.Label}", Ratio(TorchPeer.Label) / times);
        }

        if (result is { Operation: Operation.LogSumExp, Type: ElementType.Float } && HasAvx512)
        {
            Add($"20x {OnnxPeer.Label}", Ratio(OnnxPeer.Label) / 20);
        }

        if (result is { Threads: 2, Shape: { Rows: 4_096, Columns: 1_024 } })
        {
            Add("1.8x 1 thread", Ratio(OursPeer.OnOneThread) / 1.8);
        }

        return goals;

        double Ratio(string other) => result.Ratio(OursPeer.Label, other);

        void Add(string text, double reached)
        {
            if (!double.IsNaN(reached))
            {
                goals.Add((text, reached >= 1));
            }
        }
    }

    /// <summary>NaN where there is no such goal.</summary>
    private static double TimesTorch(Result result) => (result.Type, result.Operation) switch
    {
        (ElementType.Float, Operation.LogSumExp) => !HasAvx512 ? 3 : result.Shape is { Rows: 65_536, Columns: 64 } ? 5 : 8,
        (ElementType.Float, Operation.SoftMax or Operation.LogSoftMax) => 1, // without AVX-512
        _ when !HasAvx512 => double.NaN,
        (ElementType.Float, Operation.CrossEntropy) => 4,
        (ElementType.Float, _) => 3,
        (ElementType.Double, _) => 4,
        _ => 2,
    };
}
