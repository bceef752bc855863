using LogDomain.Kernels.Alignment;

namespace LogDomain.Sequences;

/// <summary>The best alignment of two sequences.</summary>
internal static class PairTrace
{
    public static PairPath Best(PairModel model)
    {
        ColumnPath best = ViterbiRows.Run(new PairColumns(model, isLogarithmic: true), model.A, model.Empty);
        return new(
            [.. best.Steps.Select(step => new PairColumn(step.State == ColumnModel.DeleteState ? -1 : step.Row - 1, step.State == ColumnModel.InsertState ? -1 : step.Column - 1))],
            best.Score);
    }
}
