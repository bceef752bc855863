namespace LogDomain.Kernels;

/// <summary>
/// What the classes of each row are to be: shares q of one class, of all alike, or of each, which need not add up to 1. The loss of a row is
/// <c>sum q (lse - x) + ZLoss lse^2</c>, its gradient <c>scale ((sum q + 2 ZLoss lse) softmax - q)</c>.
/// </summary>
/// <remarks>Arrays have an element for each row, and belong to the caller.</remarks>
internal readonly unsafe struct RowTargets<T>
    where T : unmanaged
{
    /// <summary>The class of each row; null if no class stands out.</summary>
    public int* Classes { get; init; }

    /// <summary>What that class has beyond the shares that all have.</summary>
    public double* ClassShares { get; init; }

    /// <summary>What every class has.</summary>
    public double EvenShare { get; init; }

    /// <summary>What each class has, row after row; null if nothing.</summary>
    public T* Shares { get; init; }

    /// <summary>Elements from the shares of one row to those of the next: 0 if all rows have the same.</summary>
    public nint ShareStep { get; init; }

    /// <summary>The sum of <see cref="Shares"/> where all rows have the same.</summary>
    public double ShareTotal { get; init; }

    /// <summary>The sum of all shares of a row: given, unless each row has shares of its own; the kernel adds those up and writes it here.</summary>
    public double* Totals { get; init; }

    /// <summary>What the gradient of a row is multiplied by. A row with 0 does not count: its loss and its gradient are 0, whatever it holds.</summary>
    public double* Scales { get; init; }

    /// <summary>The factor of lse^2.</summary>
    public double ZLoss { get; init; }

    /// <summary>The same from a later row on.</summary>
    public RowTargets<T> From(nint row) => new()
    {
        Classes = Classes == null ? null : Classes + row,
        ClassShares = ClassShares == null ? null : ClassShares + row,
        EvenShare = EvenShare,
        Shares = Shares == null ? null : Shares + (row * ShareStep),
        ShareStep = ShareStep,
        ShareTotal = ShareTotal,
        Totals = Totals + row,
        Scales = Scales + row,
        ZLoss = ZLoss,
    };

    /// <summary>The same with shares of another type.</summary>
    public RowTargets<TOther> With<TOther>(TOther* shares, nint step, double total = 0)
        where TOther : unmanaged
    {
        return new()
        {
            Classes = Classes,
            ClassShares = ClassShares,
            EvenShare = EvenShare,
            Shares = shares,
            ShareStep = step,
            ShareTotal = total,
            Totals = Totals,
            Scales = Scales,
            ZLoss = ZLoss,
        };
    }
}
