namespace LogDomain.Sequences;

/// <summary>A sequence of states, which shares its parts with others: a back-pointer.</summary>
public sealed class LabelPath
{
    private readonly LabelPath? _left, _right;
    private readonly int _label;

    private LabelPath(int label, LabelPath? left, LabelPath? right) => (_label, _left, _right) = (label, left, right);

    /// <summary>A path of one state; null for a label of -1, the path without any.</summary>
    public static LabelPath? Of(int label) => label < 0 ? null : new(label, null, null);

    /// <summary>One path after the other. Null is the path without states.</summary>
    public static LabelPath? Concat(LabelPath? left, LabelPath? right) => left is null ? right : right is null ? left : new(-1, left, right);

    /// <summary>The states from the first to the last.</summary>
    public static int[] ToArray(LabelPath? path)
    {
        List<int> labels = [];
        Stack<LabelPath> open = new();
        for (LabelPath? node = path; node is not null; node = open.Count > 0 ? open.Pop() : null)
        {
            if (node._left is null)
            {
                labels.Add(node._label);
            }
            else
            {
                open.Push(node._right!);
                open.Push(node._left);
            }
        }

        return [.. labels];
    }
}
