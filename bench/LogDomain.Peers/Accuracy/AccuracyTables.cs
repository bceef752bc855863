using LogDomain.Peers.Peers;

namespace LogDomain.Peers.Accuracy;

/// <summary>The largest errors of everybody on every family of rows.</summary>
internal static unsafe class AccuracyTables
{
    private const int Seed = 7;

    public static void Write(IReadOnlyList<IPeer> peers, IReadOnlyList<ElementType> types, Report report)
    {
        foreach (ElementType type in types)
        {
            report.Line($"### Largest error, {type}, ULP");
            report.Line();
            report.Row(["rows", "library", .. Errors.Heads]);
            report.Line("|---|---|" + string.Concat(Errors.Heads.Select(_ => "---:|")));
            foreach (RowFamily family in RowFamily.All)
            {
                using Workload work = new(type, family.Shape, family.Values(new Random(Seed)));
                Outputs[] outputs = [.. peers.Select(peer => new Outputs(peer, work))];
                Compare(work, outputs);
                foreach (Outputs output in outputs)
                {
                    report.Row([$"{family.Name}, {family.Shape}", output.Name, .. output.Cells]);
                }
            }

            report.Line();
        }
    }

    private static void Compare(Workload work, Outputs[] outputs)
    {
        int columns = work.Shape.Columns;
        IEnumerable<(int Row, ExactRow Exact)> rows = Enumerable.Range(0, work.Shape.Rows).AsParallel().Select(row =>
            (row, ExactRow.Of([.. Enumerable.Range(row * columns, columns).Select(i => work.Type.Read(work.Logits.Pointer, i))])));
        foreach ((int row, ExactRow exact) in rows) // exact rows come from all cores, comparing them is quick
        {
            foreach (Outputs output in outputs)
            {
                output.Compare(row, exact);
            }
        }
    }
}
